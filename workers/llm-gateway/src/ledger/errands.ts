import type { Consequence } from '../consequences/consequence.ts';
import { type Desk, dropErrand, keepErrand, schedule } from './desk.ts';
import { type Errand, postponed } from './errand.ts';

/** Tried once, whatever comes of it. Never rejects. */
export async function performOnce(desk: Desk, consequence: Consequence): Promise<void> {
  try {
    await desk.ports.consequences.perform(consequence);
  } catch (cause) {
    report(desk, consequence, cause);
  }
}

/** Tried until it has happened. Doing it twice is harmless. Never rejects. */
export async function runErrand(desk: Desk, errand: Errand): Promise<void> {
  try {
    await desk.ports.consequences.perform(errand.consequence);
    dropErrand(desk, errand.id);
  } catch (cause) {
    report(desk, errand.consequence, cause);
    const next = postponed(errand, desk.ports.clock.now());
    if (next) keepErrand(desk, next);
    else dropErrand(desk, errand.id);
  }
  schedule(desk);
}

function report({ ports }: Desk, { kind, exchange }: Consequence, cause: unknown): void {
  ports.log.error('consequence failed', { consequence: kind, exchange, cause });
}

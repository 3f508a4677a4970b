import type { Delivered, Simulator } from '@gateway/local/simulator';
import type { Told } from './controller.ts';
import { aboutIn } from './proof-world.ts';

/** What the books must say of a payer in the end. */
export type Expected = { readonly rows: number; readonly used: number };

/**
 * Computed without a look at our books: what an answer cost, the provider's log tells; whether it can be known who has to pay
 * for it, the trace of what was durable. Where the provider's name for the answer has reached the payer's ledger, the provider
 * can be asked, and its price is charged. Where it has not, nobody can be charged, and nobody is: a loss of ours, never a guess.
 */
export function expectedOf(told: readonly Told[], delivered: readonly Delivered[]): Expected {
  const isBegun = isDurable(told, 'ledger.reserve') && !isDurable(told, 'ledger.release');
  const isNamed =
    isDurable(told, 'ledger.attach') ||
    (isDurable(told, 'ledger.settle') && isTold(told, 'upstream.send', 'after'));
  return {
    rows: isBegun ? 1 : 0,
    used: isNamed ? microdollarsOf(delivered) : 0,
  };
}

/** Rounded one by one, as they are charged. */
export const microdollarsOf = (delivered: readonly Delivered[]): number =>
  delivered.reduce((sum, { cost }) => sum + Math.round(cost * 1_000_000), 0);

export const deliveredTo = (simulator: Simulator, payer: string): readonly Delivered[] =>
  simulator.log().filter(({ body }) => aboutIn(body)?.payer === payer);

const isTold = (told: readonly Told[], port: string, phase: Told['phase']): boolean =>
  told.some((crossing) => crossing.port === port && crossing.phase === phase);

/** A message to a ledger is durable once the first commit after it has been told, or its end. */
function isDurable(told: readonly Told[], message: string): boolean {
  const began = told.findIndex(({ port, phase }) => port === message && phase === 'before');
  if (began === -1) return false;
  return told
    .slice(began + 1)
    .some(({ port, phase }) => phase !== 'before' && (port === 'disk' || port === message));
}

import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What ends what was started: the last one goes first. */
export type CleanUp = (() => Promise<unknown>)[];

/** What is still being started when all is ended must end as well. */
export function endLater(
  cleanUp: CleanUp,
  starting: () => Promise<{ readonly stop: () => Promise<void> }>,
): void {
  cleanUp.push(async () => (await starting().catch(() => null))?.stop());
}

export type OwnPlace = {
  readonly folder: string;
  readonly cleanUp: CleanUp;
  /** Fires when it is to end early. */
  readonly signal: AbortSignal;
};

export class EndedEarly extends Error {
  override readonly name = 'EndedEarly';
}

/** Does something in a folder of its own. At the end, and when the signal ends it early, nothing of it is left. */
export async function inFolder<Result>(
  signal: AbortSignal,
  work: (place: OwnPlace) => Promise<Result>,
): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'llm-gateway-bench-'));
  // Where this runs as root, the unprivileged Postgres must find its data in there.
  chmodSync(folder, 0o711);
  const cleanUp: CleanUp = [];
  const early = new Promise<never>((_, reject) => {
    const end = () => reject(new EndedEarly('It was ended early.'));
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });
  try {
    return await Promise.race([work({ folder, cleanUp, signal }), early]);
  } finally {
    // What was just being started may add to it meanwhile.
    for (let step = cleanUp.pop(); step; step = cleanUp.pop()) await step().catch(console.error);
    rmSync(folder, { recursive: true, force: true });
  }
}

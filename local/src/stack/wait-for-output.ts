import { CannotStart } from '../cannot-start.ts';

export type Told = {
  /** Fires when the program is to end: also while it starts. */
  readonly signal: AbortSignal;
  /** Resolves then. */
  readonly toldToStop: Promise<void>;
};

/** Runs a program that goes on until it is told to stop, by a signal or because whoever started it has gone; then ends the process. */
export async function runUntilTold(main: (told: Told) => Promise<void>): Promise<never> {
  // Whoever reads what we say may have gone. That must not keep us from an orderly end.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

  const told = new AbortController();
  for (const event of ['SIGINT', 'SIGTERM', 'SIGHUP', 'disconnect']) {
    process.on(event, () => told.abort());
  }
  if (process.send && !process.connected) told.abort();
  const { signal } = told;
  const toldToStop = new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve());
  });
  try {
    await main({ signal, toldToStop });
    process.exit(0);
  } catch (cause) {
    // Told to stop while it started: that is no failure.
    if (signal.aborted) process.exit(0);
    console.error(cause instanceof CannotStart ? cause.message : cause);
    process.exit(1);
  }
}

import type { ChildProcess } from 'node:child_process';

/** Asks a child to end, each time more firmly, and waits until it has. */
export async function endProcess(
  child: ChildProcess,
  signals: readonly NodeJS.Signals[],
  patienceMs: number,
): Promise<void> {
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  for (const signal of signals) {
    if (hasEnded()) return;
    const ended = once(child, patienceMs);
    child.kill(signal);
    await ended;
  }
}

const once = (child: ChildProcess, timeoutMs: number): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      child.off('exit', done);
      resolve();
    };
    const timer = setTimeout(done, timeoutMs);
    child.once('exit', done);
  });

import type { Signal } from './own-signal.ts';

/** Resolves after `ms`, or as soon as the signal fires. */
export function pause(ms: number, signal?: Signal): Promise<void> {
  if (signal?.aborted) return Promise.resolve();
  // Deliberately not `scheduler.wait`: a signal makes it throw, and each error costs more than a timer.
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal?.addEventListener('abort', end);
  });
}

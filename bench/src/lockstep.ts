/**
 * Lets so many ask in step: the nth question of each waits until all have come to it, and they go out at the same moment.
 * All must ask equally often.
 */
export function lockstep(parties: number): readonly (() => Promise<void>)[] {
  const queues = Array.from({ length: parties }, (): (() => void)[] => []);
  const go = (): void => {
    while (queues.every((queue) => queue.length > 0)) {
      for (const queue of queues) queue.shift()?.();
    }
  };
  return queues.map(
    (queue) => () =>
      new Promise((resolve) => {
        queue.push(resolve);
        go();
      }),
  );
}

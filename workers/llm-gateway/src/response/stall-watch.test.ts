import { expect, test } from 'vitest';
import { type StreamActivity, newActivity, watchForStall } from './stall-watch.ts';

/** Runs a watch through the seconds of an answer, at once. Returns when it was ended; null where it never was. */
async function endedAfter(
  seconds: number,
  live: (life: StreamActivity, second: number) => void,
): Promise<number | null> {
  const life = newActivity();
  const answered = new AbortController();
  let second = 0;
  let endedAt: number | null = null;
  await watchForStall({
    life,
    ended: answered.signal,
    reply: {
      abort: () => (endedAt = second),
      silence: { seconds: 25, thinkingSeconds: 120 },
    },
    pause: () => {
      second += 1;
      live(life, second);
      if (second > seconds) answered.abort();
      return Promise.resolve();
    },
  });
  return endedAt;
}
const HOUR = 3600;

test('an upstream that says nothing for 25 seconds is given up', async () => {
  const ended = await endedAfter(HOUR, (life, second) => {
    life.isReading = true;
    if (second <= 100) life.reads += 1;
  });
  expect(ended).toBe(125);
});

test('one that was thinking is given 120 seconds', async () => {
  const ended = await endedAfter(HOUR, (life, second) => {
    life.isReading = true;
    life.isThinking = second > 50;
    if (second <= 100) life.reads += 1;
  });
  expect(ended).toBe(220);
});

test('one that says something every 24 seconds is not, until it has taken ten minutes', async () => {
  const ended = await endedAfter(HOUR, (life, second) => {
    life.isReading = true;
    if (second % 24 === 0) life.reads += 1;
  });
  expect(ended).toBe(600);
});

test('a client that does not read is not taken for an upstream that does not answer', async () => {
  const ended = await endedAfter(300, (life) => {
    life.isReading = false;
  });
  expect(ended).toBeNull();
});

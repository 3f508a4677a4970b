import { expect, test } from 'vitest';
import { initialPacing, type ReadPacing, pacingAfter } from './tee-back-pressure.ts';

const BLOCK = 16 * 1024;
const TEN_MINUTES_MS = 600_000;

test('beside a client that reads nothing, the meter takes less than a megabyte in ten minutes from an upstream that has everything', () => {
  let pace: ReadPacing = initialPacing;
  let read = 0;
  // Nothing ever waits for the meter: each read fetches a block.
  for (let now = 0; now < TEN_MINUTES_MS; now += pace.restMs) {
    pace = pacingAfter(pace, BLOCK);
    read += BLOCK;
  }
  expect(read).toBeLessThan(1024 * 1024);
});

test('behind a client that takes more than it can read, the meter never rests', () => {
  let pace: ReadPacing = { leadBytes: 1024 * 1024, restMs: 16_000 };
  for (let reads = 0; reads < 10; reads += 1) pace = pacingAfter(pace, 2 * BLOCK);
  expect(pace).toEqual(initialPacing);
});

test.each([2_000, 20_000, 200_000])(
  'behind a client that takes %d bytes a second as they come, little waits for the meter, for however long',
  (bytesPerSecond) => {
    let pace: ReadPacing = initialPacing;
    let waitingMax = 0;
    for (let now = 0; now < TEN_MINUTES_MS; now += Math.max(1, pace.restMs)) {
      const waiting = Math.max(1, Math.round((bytesPerSecond * pace.restMs) / 1000));
      waitingMax = Math.max(waitingMax, waiting);
      pace = pacingAfter(pace, waiting);
    }
    expect(waitingMax).toBeLessThan(3 * BLOCK);
  },
);

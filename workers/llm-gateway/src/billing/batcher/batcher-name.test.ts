import { expect, test } from 'vitest';
import { batcherName } from './batcher-name.ts';

test('maps a ledger to one settlement batcher and spreads ledgers over all batchers', () => {
  const names = Array.from({ length: 3_200 }, (_, n) => batcherName(`user:${n}`, 32));
  expect(Array.from({ length: 3_200 }, (_, n) => batcherName(`user:${n}`, 32))).toEqual(names);
  const sizes = Map.groupBy(names, (name) => name);
  expect([...sizes.keys()].map(Number).toSorted((a, b) => a - b)).toEqual([...Array(32).keys()]);
  for (const { length } of sizes.values()) {
    expect(length).toBeGreaterThan(50);
    expect(length).toBeLessThan(200);
  }
});

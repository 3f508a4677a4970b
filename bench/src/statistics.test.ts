import { expect, test } from 'vitest';
import { median, percentile } from './statistics.ts';

test('a percentile is one of the numbers, and no more than its part is above it', () => {
  const numbers = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect(median(numbers)).toBe(50);
  expect(percentile(numbers, 0.99)).toBe(99);
  expect(percentile([7], 0.99)).toBe(7);
});

test('of nothing there is no percentile', () => {
  expect(median([])).toBeNaN();
});

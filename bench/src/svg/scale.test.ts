import { expect, test } from 'vitest';
import { label, linear, logarithmic } from './scale.ts';

const range = { from: 100, to: 200 };

test.each([
  [5.42, [0, 2, 4, 6]],
  [0.31, [0, 0.1, 0.2, 0.30000000000000004, 0.4]],
  [1000, [0, 200, 400, 600, 800, 1000]],
  [12.4, [0, 2.5, 5, 7.5, 10, 12.5]],
])(
  'up to %d is labelled in round steps from zero, and nothing is drawn beyond them',
  (most, ticks) => {
    const scale = linear(most, range);
    expect(scale.ticks).toEqual(ticks);
    expect(scale.at(0)).toBe(100);
    expect(scale.at(most)).toBeLessThanOrEqual(200);
  },
);

test('nothing but zeros is a line at zero', () => {
  expect(linear(0, range).at(0)).toBe(100);
});

test('equal factors are equally far from each other', () => {
  const { at, ticks } = logarithmic([1, 100, 10, 10], range);
  expect(ticks).toEqual([1, 10, 100]);
  expect(ticks.map(at)).toEqual([100, 150, 200]);
  expect(logarithmic([7], range).at(7)).toBe(100);
});

test.each([
  [0.1234, '0.123'],
  [1500, '1.5k'],
  [1_000_000, '1M'],
  [42, '42'],
])('%d is shown as %s', (value, shown) => {
  expect(label(value)).toBe(shown);
});

import { Instant } from '@gateway/worker-utils/time';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Month, monthOf, monthsBetween, plusMonths } from './months.ts';

const at = (iso: string): Instant => Instant.parse(Date.parse(iso));

test.each([
  ['2025-04-04T10:00:00.123Z', 1, '2025-05-04T10:00:00.123Z'],
  ['2025-01-31T23:59:59Z', 1, '2025-02-28T23:59:59Z'],
  ['2024-01-31T00:00:00Z', 1, '2024-02-29T00:00:00Z'],
  ['2025-03-31T00:00:00Z', -1, '2025-02-28T00:00:00Z'],
  ['2025-12-15T00:00:00Z', 1, '2026-01-15T00:00:00Z'],
  ['2026-01-15T00:00:00Z', -1, '2025-12-15T00:00:00Z'],
  ['2024-02-29T00:00:00Z', 12, '2025-02-28T00:00:00Z'],
])('%s and %i months are %s', (from, months, to) => {
  expect(plusMonths(at(from), months)).toBe(at(to));
});

test('so many months later lies in the month that many months later', () => {
  const instants = fc.integer({ min: at('1990-01-01T00:00:00Z'), max: at('2090-01-01T00:00:00Z') });
  fc.assert(
    fc.property(instants, fc.integer({ min: -60, max: 60 }), (from, months) => {
      const start = Instant.parse(from);
      expect(monthsBetween(start, monthOf(plusMonths(start, months)))).toBe(months);
    }),
  );
});

test('a month is named by its first day, in UTC', () => {
  expect(monthOf(at('2026-03-31T23:59:59.999Z'))).toBe('2026-03-01');
  expect(Month.safeParse('2026-03-02').success).toBe(false);
  expect(Month.safeParse('NaN-NaN-01').success).toBe(false);
});

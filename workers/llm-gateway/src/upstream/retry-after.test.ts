import { Instant } from '@gateway/worker-utils/time';
import { expect, test } from 'vitest';
import { retryAfterMsOf, retryAfterOf } from './retry-after.ts';

const now = Instant.parse(Date.UTC(2026, 0, 1, 12, 0, 0));
const after = (status: number, headers: Readonly<Record<string, string>>) =>
  retryAfterOf({ status, headers: new Headers(headers) }, now);

test.each([
  [429, '2', '2'],
  [503, '0', '0'],
  [529, '3', '3'],
  [503, '3600', '60'],
  [429, '7.5', '8'],
  [429, '.2', '1'],
  [429, '0.0', '0'],
  [429, '-5', '0'],
  [429, '+5', '5'],
  [429, ' 4 ', '4'],
  [429, '5, 7', null],
  [429, '2026', '60'],
  [429, '', null],
  [429, 'Thu, 01 Jan 2026 12:00:07 GMT', '7'],
  [429, 'Thu, 01 Jan 2026 13:00:00 GMT', '60'],
  [429, 'Thu, 01 Jan 2026 11:00:00 GMT', '0'],
  [429, 'soon', null],
  [500, '2', null],
])('for a %d, reads a Retry-After of %j as %j', (status, said, passed) => {
  expect(after(status, { 'retry-after': said })).toBe(passed);
});

test.each([
  [{ 'retry-after-ms': '1500' }, '2'],
  [{ 'retry-after-ms': '1500', 'retry-after': '30' }, '2'],
  [{ 'retry-after-ms': 'soon', 'retry-after': '30' }, '30'],
  [{ 'retry-after-ms': '3600000' }, '60'],
])('prefers a readable retry-after-ms: %j is %j', (headers, passed) => {
  expect(after(429, headers)).toBe(passed);
});

test('keeps milliseconds for retries by the gateway', () => {
  const headers = new Headers({ 'retry-after-ms': '250' });
  expect(retryAfterMsOf({ status: 429, headers }, now)).toBe(250);
});

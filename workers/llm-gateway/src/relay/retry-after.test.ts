import { Instant } from '@gateway/worker-utils/time';
import { expect, test } from 'vitest';
import { retryAfterOf } from './retry-after.ts';

const now = Instant.parse(Date.UTC(2026, 0, 1, 12, 0, 0));
const after = (status: number, value: string) =>
  retryAfterOf({ status, headers: new Headers({ 'retry-after': value }) }, now);

test.each([
  [429, '2', '2'],
  [503, '0', '0'],
  [503, '3600', '60'],
  [429, 'Thu, 01 Jan 2026 12:00:07 GMT', '7'],
  [429, 'Thu, 01 Jan 2026 13:00:00 GMT', '60'],
  [429, 'Thu, 01 Jan 2026 11:00:00 GMT', '0'],
  [429, 'soon', null],
  [500, '2', null],
])('of a %d, %j is passed on as %j', (status, said, passed) => {
  expect(after(status, said)).toBe(passed);
});

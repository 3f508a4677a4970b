import { Instant } from '@gateway/worker-utils/time';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { deepHealth } from './health.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const request = new Request('https://gateway/health?deep', {
  headers: { authorization: 'Bearer token' },
});

test('what fails, lies or never answers is told as such, in time, and in no other words', async () => {
  const lines: unknown[] = [];
  const asked = Promise.withResolvers<void>();
  const asking = deepHealth(request, {
    token: async () => 'token',
    clock: { now: () => Instant.parse(vi.getMockedSystemTime()?.getTime()) },
    log: { info: () => {}, warn: (...line) => lines.push(line), error: () => {} },
    checks: {
      well: async () => true,
      stale: async () => false,
      broken: async () => {
        throw new Error('of a secret');
      },
      silent() {
        asked.resolve();
        return new Promise(() => {});
      },
    },
  });
  await asked.promise;
  await vi.advanceTimersByTimeAsync(3_000);
  const response = await asking;
  expect(response.status).toBe(503);
  expect(await response.json()).toEqual({
    status: 'failing',
    checks: [
      { name: 'well', ok: true, ms: 0 },
      { name: 'stale', ok: false, ms: 0 },
      { name: 'broken', ok: false, ms: 0 },
      { name: 'silent', ok: false, ms: 3_000 },
    ],
  });
  expect(lines).toMatchObject([
    ['health check failed', { check: 'broken' }],
    ['health check failed', { check: 'silent' }],
  ]);
});

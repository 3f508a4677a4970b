import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { TimeoutError, withTimeout } from './with-timeout.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const never = () => new Promise<never>(() => undefined);

test('what takes too long is given up, by its name', async () => {
  const given = withTimeout(never(), 1_000, 'metrics').catch((cause: unknown) => cause);
  await vi.advanceTimersByTimeAsync(999);
  expect(vi.getTimerCount()).toBe(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(await given).toEqual(new TimeoutError('metrics', 1_000));
});

test('what ends in time is handed on as it ends, and leaves no timer running', async () => {
  expect(await withTimeout(Promise.resolve('done'), 1_000, 'work')).toBe('done');
  const failing = withTimeout(Promise.reject(new Error('its own')), 1_000, 'work');
  await expect(failing).rejects.toThrow('its own');
  expect(vi.getTimerCount()).toBe(0);
});

import { afterEach, expect, test, vi } from 'vitest';
import { consoleLog } from './log.ts';

afterEach(() => vi.restoreAllMocks());

test('an error is told by its name, code and place, never by its message', () => {
  const written: string[] = [];
  vi.spyOn(console, 'error').mockImplementation((line: string) => written.push(line));
  const cause = Object.assign(new Error('password=canary at row (alice@example.com)'), {
    code: '23505',
  });
  consoleLog({ requestId: 'r1' }).error('settlement failed', { exchange: 'e1', cause });
  expect(written).toHaveLength(1);
  expect(written[0]).not.toContain('canary');
  expect(written[0]).not.toContain('alice');
  expect(JSON.parse(written[0] ?? '')).toMatchObject({
    level: 'error',
    message: 'settlement failed',
    requestId: 'r1',
    exchange: 'e1',
    cause: 'Error',
    code: '23505',
  });
});

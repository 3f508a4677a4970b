import { UserId } from '@gateway/worker-utils/ids';
import { expect, test } from 'vitest';
import { existingAccount } from './existing-account.ts';
import type { Account } from './token-holder.ts';

const user = UserId.parse('user');
const account: Account = { tokenPepper: 'pepper', isBlocked: false };

function world(stored: Record<string, string>, row: Account | null) {
  const seen = { questions: 0 };
  const put = async (key: string, value: string) => void (stored[key] = value);
  const ask = existingAccount({
    cache: { get: async (key) => stored[key] ?? null, put },
    waitUntil: () => undefined,
    reportFailure: () => undefined,
    read: async () => {
      seen.questions += 1;
      return row;
    },
  });
  return { seen, ask: () => ask(user) };
}

test('who is there is read once, whether or not that is known, and what is known lets nobody in by itself', async () => {
  const stored = {};
  const { seen, ask } = world(stored, account);
  expect(await ask()).toBe(account);
  expect(seen.questions).toBe(1);
  expect(stored).toEqual({ 'user-exists:user': '1' });
  expect(await ask()).toBe(account);
  expect(seen.questions).toBe(2);
  expect(await world(stored, null).ask()).toBeNull();
});

test('who is known not to be there costs no question', async () => {
  const { seen, ask } = world({}, null);
  expect([await ask(), await ask()]).toEqual([null, null]);
  expect(seen.questions).toBe(1);
});

import type { UserId } from '@gateway/worker-utils/ids';
import { userExists, type UserExistsNeeds } from '@gateway/worker-utils/user-exists';
import type { Account } from './token-holder.ts';

type Needs = Omit<UserExistsNeeds, 'lookUp'> & {
  readonly read: (user: UserId) => Promise<Account | null>;
};

/** The account's row, which is asked for once at most, and not at all for who is known not to be there. */
export const existingAccount =
  ({ read, ...needs }: Needs) =>
  async (user: UserId): Promise<Account | null> => {
    let reading: Promise<Account | null> | null = null;
    const readOnce = () => (reading ??= read(user));
    const lookUp = async (): Promise<boolean> => (await readOnce()) !== null;
    return (await userExists({ ...needs, lookUp }, user)) ? readOnce() : null;
  };

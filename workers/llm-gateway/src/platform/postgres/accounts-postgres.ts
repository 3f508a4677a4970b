import {
  type Database,
  type LookupMemory,
  payerAccount,
  settle,
  type SettledExchange,
  type SettleOutcome,
} from '@gateway/db';
import type { OrganizationId, UserId } from '@gateway/worker-utils/ids';
import type { Clock } from '@gateway/worker-utils/time';
import { groupCommit } from '../../billing/batcher/group-commit.ts';
import type { AccountReading } from '../../billing/ledger/account.ts';

/** The books of all payers, as Postgres has them. */
export type Accounts = {
  readonly settle: (exchanges: readonly SettledExchange[]) => Promise<SettleOutcome>;
  /** What a payer has. Null: there is no such payer. */
  readonly accountOf: (owner: AccountsOwner) => Promise<AccountReading | null>;
};
/** Who asks, and for whom: themselves where it is null. */
export type AccountsOwner = { readonly user: UserId; readonly organization: OrganizationId | null };

type Needs = {
  readonly lend: <T>(work: (database: Database) => Promise<T>) => Promise<T>;
  readonly pause: (ms: number) => Promise<void>;
  readonly clock: Clock;
};

/** Nobody's answer waits for it. */
const GATHER_MS = 25;
/** Who keeps a payer's row for longer keeps nobody else's settlements from landing. */
const LOCK_MS_MAX = 250;

export function accountsOf({ lend, pause, clock }: Needs): Accounts {
  const memory: LookupMemory = new Map();
  const settleRound: Accounts['settle'] = (exchanges) =>
    lend((database) => settle(database, exchanges, { memory, lockMsMax: LOCK_MS_MAX }));
  return {
    settle: groupCommit(settleRound, () => pause(GATHER_MS)),
    async accountOf(owner) {
      const at = clock.now();
      const account = await lend((database) => payerAccount(database, owner));
      if (!account) return null;
      const { microdollars_used: used, total_microdollars_acquired: acquired, member } = account;
      return {
        used,
        acquired,
        member: member && {
          id: owner.user,
          day: member.day,
          used: member.microdollar_usage,
          limit: member.microdollar_limit,
        },
        at,
      };
    },
  };
}

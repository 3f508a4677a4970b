import { type Database, type LookupMemory, payerAccount, settle } from '@gateway/db';
import { UserId } from '@gateway/worker-utils/ids';
import type { Clock } from '@gateway/worker-utils/time';
import type { Ports } from '../ledger/desk.ts';
import type { LedgerOwner } from '../ledger/ledger-owner.ts';

type Needs = {
  readonly owner: LedgerOwner;
  readonly lend: <T>(work: (database: Database) => Promise<T>) => Promise<T>;
  readonly clock: Clock;
};

/** A payer's books in Postgres. */
export function booksOf({ owner, lend, clock }: Needs): Ports['books'] {
  const labels: LookupMemory = new Map();
  return {
    settle: (exchanges) => lend((database) => settle(database, exchanges, labels)),
    async accountFor(user) {
      if (owner.kind === 'anon') return null;
      const organization = owner.kind === 'org' ? owner.id : null;
      const at = clock.now();
      const account = await lend((database) =>
        payerAccount(database, { user: UserId.parse(user), organization }),
      );
      return (
        account && {
          used: account.microdollars_used,
          acquired: account.total_microdollars_acquired,
          member: account.member && {
            id: user,
            day: account.member.day,
            used: account.member.microdollar_usage,
            limit: account.member.microdollar_limit,
          },
          at,
        }
      );
    },
  };
}

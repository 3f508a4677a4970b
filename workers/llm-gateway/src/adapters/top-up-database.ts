import {
  beginTopUp,
  type CallerSnapshot,
  type Database,
  releaseConfig,
  turnOffTopUp,
} from '@gateway/db';
import { isTopUpDue } from '@gateway/db/top-up-due';
import { MicroUsd } from '@gateway/worker-utils/money';
import type { Owner, TopUpBooks } from '../consequences/auto-top-up.ts';

type Lend = <T>(work: (database: Database) => Promise<T>) => Promise<T>;

export const topUpBooksOf = (lend: Lend): TopUpBooks => ({
  begin: (attempt) => lend((database) => beginTopUp(database, attempt)),
  release: (attempt) => lend((database) => releaseConfig(database, attempt)),
  turnOff: (owner, reason) => lend((database) => turnOffTopUp(database, owner, reason)),
});

/** Whose balance is low, of those who want more to be bought: the payer of whatever a caller asks for, or nobody. */
export function lowOwnerIn(snapshot: CallerSnapshot): Owner | null {
  const { organization } = snapshot;
  if (organization) {
    const maySpend = organization.role === 'owner' || organization.role === 'member';
    return maySpend && isLow('organization', organization)
      ? { kind: 'organization', id: organization.id }
      : null;
  }
  return isLow('user', snapshot) ? { kind: 'user', id: snapshot.id } : null;
}

type Purse = Pick<
  CallerSnapshot,
  'auto_top_up_enabled' | 'microdollars_used' | 'total_microdollars_acquired'
>;
const isLow = (kind: Owner['kind'], purse: Purse): boolean =>
  isTopUpDue(kind, {
    isEnabled: purse.auto_top_up_enabled,
    balance: MicroUsd.parse(purse.total_microdollars_acquired - purse.microdollars_used),
  });

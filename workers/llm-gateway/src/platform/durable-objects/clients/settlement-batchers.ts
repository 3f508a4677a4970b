import type { SettleOutcome } from '@gateway/db';
import { UserId } from '@gateway/worker-utils/ids';
import { withTimeout } from '@gateway/worker-utils/with-timeout';
import type { AccountReading } from '../../../billing/ledger/account.ts';
import type { Ports } from '../../../billing/ledger/ledger-state.ts';
import type { LedgerOwner } from '../../../billing/ledger/ledger-owner.ts';
import type { Clearing } from '../settlement-batcher.ts';
import type { LocationHint } from '../../location-hint.ts';

/** A fixed number of them: `clearingName` tells which is a ledger's. */
type ClearingObjects = Pick<DurableObjectNamespace<Clearing>, 'getByName'>;

type Needs = {
  readonly objects: ClearingObjects;
  readonly locationHint: LocationHint;
  /** Of the ledger's clearing. */
  readonly name: string;
  readonly owner: LedgerOwner;
};

/** A guard for when the object itself hangs: what it asks Postgres has a deadline of its own. */
const CALL_MS_MAX = 20_000;

/** A payer's books, by way of a clearing. */
export function batchedAccountsOf({
  objects,
  locationHint,
  name,
  owner,
}: Needs): Ports['accounts'] {
  const clearing = () => objects.getByName(name, locationHint ? { locationHint } : {});
  return {
    settle(exchanges) {
      const settled = async (): Promise<SettleOutcome> => clearing().settle(exchanges);
      return withTimeout(settled(), CALL_MS_MAX, 'clearing');
    },
    async accountFor(user) {
      if (owner.kind === 'anon') return null;
      const organization = owner.kind === 'org' ? owner.id : null;
      const asked = { user: UserId.parse(user), organization };
      const read = async (): Promise<AccountReading | null> => clearing().accountOf(asked);
      return withTimeout(read(), CALL_MS_MAX, 'clearing');
    },
  };
}

import type { Instant } from '@gateway/worker-utils/time';
import type { CreditOwner } from '../credits/expire-credits.ts';
import type { Database } from '../database.ts';
import { callerSnapshot, type CallerSnapshot } from './caller-snapshot.ts';
import { processCreditExpiry } from './process-credit-expiry.ts';

type ExpiryDue = {
  readonly cutOff: Instant;
  /** The snapshot is then as it was read: credits that expired can still be spent, by this one request. */
  readonly onFailure: (cause: unknown) => void;
};

/** A caller's snapshot, after what has expired of the payer's credits was taken back. */
export async function currentSnapshot(
  database: Database,
  caller: Parameters<typeof callerSnapshot>[1],
  { cutOff, onFailure }: ExpiryDue,
): Promise<CallerSnapshot | null> {
  const snapshot = await callerSnapshot(database, caller);
  const payer = snapshot && payerOf(snapshot);
  if (!payer?.nextExpiryAt || payer.nextExpiryAt.getTime() > cutOff) return snapshot;
  try {
    await processCreditExpiry(database, payer.owner, cutOff);
    // Read again whoever was faster: of many requests at once, none is to see a total that another has already lowered.
    return await callerSnapshot(database, caller);
  } catch (cause) {
    onFailure(cause);
    return snapshot;
  }
}

type Payer = { readonly owner: CreditOwner; readonly nextExpiryAt: Date | null };

/** Null: an organisation that the user can't spend for. Strangers do not make us work for it. */
function payerOf({ id, next_credit_expiration_at, organization }: CallerSnapshot): Payer | null {
  if (!organization) {
    return { owner: { kind: 'user', id }, nextExpiryAt: next_credit_expiration_at };
  }
  if (organization.role !== 'owner' && organization.role !== 'member') return null;
  return {
    owner: { kind: 'organization', id: organization.id },
    nextExpiryAt: organization.next_credit_expiration_at,
  };
}

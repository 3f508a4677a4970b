import { isTopUpDue } from '@gateway/db/top-up-due';
import { MicroUsd } from '@gateway/worker-utils/money';
import type { Caller } from '../exchange/caller.ts';
import { type Owner, ownerOf } from '../exchange/owner.ts';

/** The payer of a caller, where their balance is low and they want more to be bought. A member's limit is no balance. */
export function lowOwner(caller: Caller): Owner | null {
  if (caller.kind === 'anonymous') return null;
  const { user, organization } = caller.snapshot;
  const { acquired, used, wantsTopUp } = organization ?? user;
  const owner = ownerOf({ user: user.id, organization: organization?.id ?? null });
  const balance = MicroUsd.parse(acquired - used);
  return isTopUpDue(owner.kind, { isEnabled: wantsTopUp, balance }) ? owner : null;
}

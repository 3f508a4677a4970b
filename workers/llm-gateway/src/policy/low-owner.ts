import { isTopUpDue } from '@gateway/db/top-up-due';
import { MicroUsd } from '@gateway/worker-utils/money';
import type { Caller } from '../exchange/caller.ts';
import { type Owner, ownerOf } from '../exchange/owner.ts';

/** The caller's payer if it opted in to auto top-up and its balance is low. A member's daily limit does not count as a balance. */
export function lowOwner(caller: Caller): Owner | null {
  if (caller.kind === 'anonymous') return null;
  const { user, organization } = caller.snapshot;
  const { acquired, used, wantsTopUp } = organization ?? user;
  const owner = ownerOf({ user: user.id, organization: organization?.id ?? null });
  const balance = MicroUsd.parse(acquired - used);
  return isTopUpDue(owner.kind, { isEnabled: wantsTopUp, balance }) ? owner : null;
}

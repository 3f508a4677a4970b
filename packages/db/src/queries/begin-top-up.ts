import { isTopUpDue } from '../auto-top-up/top-up-due.ts';
import type { CreditOwner } from '../credits/expire-credits.ts';
import type { Database } from '../database.ts';
import { currentSubscription, lifeOf } from '../kilo-pass/subscription.ts';
import { issuanceOf, subscriptionsOf } from './kilo-pass-rows.ts';
import {
  hasConfig,
  releaseConfig,
  takeConfig,
  type TopUpAttempt,
  topUpAccount,
  type TopUpConfig,
  turnOffTopUp,
} from './top-up-rows.ts';

export type TopUpStart =
  /** The owner's config is taken: whatever comes of it must be written. */
  | { readonly kind: 'charge'; readonly customer: string; readonly config: TopUpConfig }
  | {
      readonly kind: 'turned-off';
      readonly reason: 'no_payment_method_saved' | 'no_stripe_customer';
      readonly recipients: readonly string[];
    }
  | { readonly kind: 'not-due' | 'waits-for-bonus' }
  | { readonly kind: 'concurrent_attempt_in_progress' | 'balance_already_sufficient' };

/** Begins, or continues, an attempt to buy credits for an owner. Of many at once, one is to charge. */
export async function beginTopUp(database: Database, attempt: TopUpAttempt): Promise<TopUpStart> {
  const { owner } = attempt;
  const account = await topUpAccount(database, owner);
  if (!account || !isTopUpDue(owner.kind, account)) {
    // An attempt that is continued may have what it no longer needs.
    await releaseConfig(database, attempt);
    return { kind: 'not-due' };
  }
  if (await waitsForBonus(database, owner)) return { kind: 'waits-for-bonus' };

  const config = await takeConfig(database, attempt);
  if (!config) {
    return (await hasConfig(database, owner))
      ? { kind: 'concurrent_attempt_in_progress' }
      : turnedOff(database, owner, 'no_payment_method_saved');
  }
  // Whoever had the config until now may have bought: what was read before it was taken is no longer true.
  const fresh = await topUpAccount(database, owner);
  if (!fresh || !isTopUpDue(owner.kind, fresh)) {
    await releaseConfig(database, attempt);
    return { kind: 'balance_already_sufficient' };
  }
  if (fresh.customer === null) {
    const outcome = await turnedOff(database, owner, 'no_stripe_customer');
    await releaseConfig(database, attempt);
    return outcome;
  }
  return { kind: 'charge', customer: fresh.customer, config };
}

/** The bonus of a Kilo Pass comes when its month is used up, which is just when the balance is low. */
async function waitsForBonus(database: Database, owner: CreditOwner): Promise<boolean> {
  if (owner.kind === 'organization') return false;
  const subscription = currentSubscription(await subscriptionsOf(database, owner.id));
  if (!subscription || lifeOf(subscription) === 'ended') return false;
  const issuance = await issuanceOf(database, subscription, null);
  return issuance?.kinds.every((kind) => kind === 'base') ?? true;
}

async function turnedOff(
  database: Database,
  owner: CreditOwner,
  reason: Extract<TopUpStart, { kind: 'turned-off' }>['reason'],
): Promise<TopUpStart> {
  return { kind: 'turned-off', reason, recipients: await turnOffTopUp(database, owner, reason) };
}

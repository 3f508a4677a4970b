import type { UserId } from '@gateway/worker-utils/ids';
import type { Database } from '../database.ts';
import { inTransaction } from '../in-transaction.ts';
import { type Bonus, bonusOf, yearlyIssueMonth } from '../kilo-pass/decide-bonus.ts';
import { currentSubscription, lifeOf, type Subscription } from '../kilo-pass/subscription.ts';
import { isBonusDue } from '../kilo-pass/threshold.ts';
import { commitBonus } from './commit-bonus.ts';
import { auditFailedBonus, auditSkippedBonus } from './kilo-pass-audit.ts';
import {
  clearThreshold,
  type Issuance,
  type GivenKind,
  type ItemKind,
  issuanceOf,
  lockHolder,
  lockIssuance,
  subscriptionsOf,
} from './kilo-pass-rows.ts';

export type BonusOutcome =
  | { readonly kind: 'issued'; readonly bonus: Bonus }
  /** There is nothing to give: the threshold is cleared. */
  | { readonly kind: 'nothing-to-issue' }
  /** Given already. The threshold is cleared. */
  | { readonly kind: 'already-issued' }
  /** The subscription gives nothing at the moment, and may come back: the threshold stays. */
  | { readonly kind: 'interrupted' }
  | { readonly kind: 'not-due' };

type Asked = {
  readonly user: UserId;
  /** Of what made it due. A failure is audited once for it. */
  readonly key: string;
};

/**
 * Issues the bonus of a Kilo Pass that its holder has used up. Doing it again, or many times at once, issues it once. The
 * connection must be the caller's own. A failure is audited, leaves everything as it was, and is thrown.
 */
export async function issueKiloPassBonus(database: Database, asked: Asked): Promise<BonusOutcome> {
  try {
    return await inTransaction(database, () => issued(database, asked.user));
  } catch (cause) {
    const error = cause instanceof Error ? cause.message : String(cause);
    await auditFailedBonus(database, { ...asked, error });
    throw cause;
  }
}

async function issued(database: Database, user: UserId): Promise<BonusOutcome> {
  const holder = await lockHolder(database, user);
  if (!holder || !isBonusDue(holder)) return { kind: 'not-due' };
  const subscriptions = await subscriptionsOf(database, user);
  const subscription = currentSubscription(subscriptions);
  // A payment that is late by a day must not cost the bonus of a month.
  if (subscription && lifeOf(subscription) === 'interrupted') return { kind: 'interrupted' };

  const issuance = subscription && (await currentIssuance(database, subscription));
  if (!subscription || !issuance?.kinds.includes('base')) {
    await clearThreshold(database, user);
    return { kind: 'nothing-to-issue' };
  }
  if (givenIn(issuance.kinds)) {
    await clearThreshold(database, user);
    return { kind: 'already-issued' };
  }
  const given = givenIn(await lockIssuance(database, issuance));
  if (given) {
    await auditSkippedBonus(database, { user, subscription, issuance, given });
    await clearThreshold(database, user);
    return { kind: 'already-issued' };
  }
  const isFirstTimer = subscriptions.length === 1;
  const bonus = bonusOf({ subscription, issueMonth: issuance.month, isFirstTimer });
  await commitBonus(database, { user, used: holder.used, subscription, issuance, bonus });
  return { kind: 'issued', bonus };
}

/** What the threshold was set for. Null: a subscription that is over, or one of which nothing was ever issued. */
async function currentIssuance(
  database: Database,
  subscription: Subscription,
): Promise<Issuance | null> {
  if (lifeOf(subscription) !== 'active') return null;
  if (subscription.cadence === 'monthly') return issuanceOf(database, subscription, null);
  const month = yearlyIssueMonth(subscription);
  return month === null ? null : issuanceOf(database, subscription, month);
}

/** What stands for the bonus of a month already: one of the two, and never both. */
const givenIn = (kinds: readonly ItemKind[]): GivenKind | null =>
  kinds.find((kind) => kind !== 'base') ?? null;

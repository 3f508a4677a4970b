import { isBonusDue } from '@gateway/db/kilo-pass-threshold';
import { isTopUpDue } from '@gateway/db/top-up-due';
import { AnonymousId, UserId } from '@gateway/worker-utils/ids';
import { type MicroUsd, usdOf } from '@gateway/worker-utils/money';
import { ownerOf } from '../../exchange/owner.ts';
import type { Settlement } from '../settlement/settlement.ts';
import type { Consequence, Milestone } from './consequence.ts';

/** What was settled, as far as anything follows from it. */
export type Settled = Pick<Settlement, 'id' | 'at' | 'payer' | 'organization' | 'cost' | 'model'>;

/** What the books say of a settlement that has landed, in the words of its tables. */
export type WriteResult = {
  readonly landed: 'inserted' | 'corrected' | 'unchanged' | 'raced';
  /** Of the user who paid, after this exchange. Null where an organisation pays, or nobody. */
  readonly microdollars_used: MicroUsd | null;
  readonly kilo_pass_threshold: MicroUsd | null;
  /** Of whoever pays, after this exchange. Null: nobody pays. */
  readonly payer_balance: MicroUsd | null;
  readonly auto_top_up_enabled: boolean;
  /** Whether the user had a row before this exchange. */
  readonly had_usage_before: boolean;
  /** What the exchange's row said before. Null where it was not there. */
  readonly cost_before: MicroUsd | null;
  /** Null where it did not change an organisation's balance. */
  readonly organization: OrganizationLanding | null;
};
type OrganizationLanding = {
  readonly balance_before: MicroUsd;
  readonly balance_after: MicroUsd;
  /** In dollars. */
  readonly minimum_balance: number | null;
  readonly minimum_balance_alert_email: readonly string[];
};

/**
 * From a replay follows again what must happen at least once: whoever settled first may have died before it did. What may
 * happen at most once does not follow again.
 */
export function consequencesOf(settled: Settled, landing: WriteResult): readonly Consequence[] {
  if (landing.landed === 'raced') return [];
  const atLeastOnce = [...kiloPassBonus(settled, landing), ...autoTopUp(settled, landing)];
  if (landing.landed === 'unchanged') return atLeastOnce;
  return [...firstUsage(settled, landing), ...lowBalanceMail(settled, landing), ...atLeastOnce];
}

function firstUsage(settled: Settled, landing: WriteResult): readonly Consequence[] {
  const user = userOf(settled);
  if (user === null || settled.organization !== null) return [];
  const { id: exchange, at, model, cost } = settled;
  return milestonesOf(settled, landing).map((milestone) => ({
    kind: 'first-usage',
    exchange,
    user,
    at,
    milestone,
    model,
    cost,
  }));
}

/** The books are asked, not the caller's snapshot: of two first requests at once, one is the first. */
function milestonesOf({ cost }: Settled, landing: WriteResult): readonly Milestone[] {
  const used = landing.microdollars_used;
  const { had_usage_before, cost_before } = landing;
  // A correction is of an exchange that was told when it was written.
  const isFirst =
    landing.landed === 'inserted' && !had_usage_before && (used === null || used === cost);
  // Nor is what is learnt of it later, beside its cost, another payment.
  const isFirstPaid = used !== null && cost > 0 && used === cost && !cost_before;
  return [
    ...(isFirst ? [{ event: 'first_usage' } as const] : []),
    ...(isFirstPaid
      ? [{ event: 'first_microdollar_usage', has_prior_free_usage: had_usage_before } as const]
      : []),
  ];
}

/** Before and after come from the update itself: over any interleaving, each balance is crossed once. */
function lowBalanceMail(
  { id: exchange, organization }: Settled,
  { organization: books }: WriteResult,
): readonly Consequence[] {
  if (organization === null || books === null || !books.minimum_balance) return [];
  const minimumBalance = books.minimum_balance;
  const wasEnough = usdOf(books.balance_before) >= minimumBalance;
  const isEnough = usdOf(books.balance_after) >= minimumBalance;
  if (!wasEnough || isEnough) return [];
  const recipients = books.minimum_balance_alert_email;
  return [{ kind: 'low-balance-mail', exchange, organization, minimumBalance, recipients }];
}

/** Only what a user pays uses the credits of a Kilo Pass up. */
function kiloPassBonus(settled: Settled, landing: WriteResult): readonly Consequence[] {
  const user = userOf(settled);
  const { microdollars_used: used, kilo_pass_threshold: threshold } = landing;
  if (user === null || settled.organization !== null || settled.cost <= 0) return [];
  if (used === null || !isBonusDue({ used, threshold })) return [];
  return [{ kind: 'kilo-pass-bonus', exchange: settled.id, user }];
}

function autoTopUp(settled: Settled, landing: WriteResult): readonly Consequence[] {
  const { payer_balance: balance, auto_top_up_enabled: isEnabled } = landing;
  const user = userOf(settled);
  if (user === null || balance === null || settled.cost <= 0) return [];
  const owner = ownerOf({ user, organization: settled.organization });
  if (!isTopUpDue(owner.kind, { isEnabled, balance })) return [];
  return [{ kind: 'auto-top-up', exchange: settled.id, owner, at: settled.at }];
}

const userOf = ({ payer }: Settled): UserId | null =>
  AnonymousId.safeParse(payer).success ? null : UserId.parse(payer);

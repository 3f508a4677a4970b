import type { Log } from '@gateway/worker-utils/json-log';
import type { Clock, Instant } from '@gateway/worker-utils/time';
import type { Owner } from '../../exchange/owner.ts';

/** One attempt to buy: the time at which it began is its name. Whoever comes with the same time continues it. */
export type Attempt = { readonly owner: Owner; readonly startedAt: Instant };

export type Purchase = {
  readonly owner: Owner;
  readonly customer: string;
  readonly paymentMethod: string;
  readonly amountCents: number;
  /** The same for whoever continues an attempt: it is charged once. */
  readonly key: string;
};

export type Charged =
  | { readonly kind: 'paid' }
  /** It may still be paid. */
  | { readonly kind: 'unsettled'; readonly status: string }
  /** It was not, and will not be, paid. */
  | { readonly kind: 'refused'; readonly reason: string };

type Begun =
  | {
      readonly kind: 'charge';
      readonly customer: string;
      readonly config: {
        readonly id: string;
        readonly paymentMethod: string;
        readonly amountCents: number;
      };
    }
  | { readonly kind: 'turned-off'; readonly reason: string; readonly recipients: readonly string[] }
  | { readonly kind: 'not-due' }
  | {
      readonly kind:
        | 'waits-for-bonus'
        | 'concurrent_attempt_in_progress'
        | 'balance_already_sufficient';
    };

/** What an owner has and wants, and which attempt has it. */
export type TopUpBooks = {
  readonly begin: (attempt: Attempt) => Promise<Begun>;
  readonly release: (attempt: Attempt) => Promise<void>;
  /** Tells whom to tell. */
  readonly turnOff: (owner: Owner, reason: string) => Promise<readonly string[]>;
};

/** Rejects where nobody knows whether it was paid: the same purchase is then to be tried again. */
export type Charge = (purchase: Purchase) => Promise<Charged>;

type TurnedOff = {
  readonly owner: Owner;
  readonly reason: string;
  readonly recipients: readonly string[];
};

type Needs = {
  readonly books: TopUpBooks;
  /** Null where nobody has said how: nothing is bought then, and nothing turned off. */
  readonly charge: () => Promise<Charge | null>;
  readonly mail: (turnedOff: TurnedOff) => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
};

/** Older ones were given up: another may have begun, and what Stripe remembers of them has an end. */
const ATTEMPT_MS_MAX = 7_200_000;

/**
 * Buys credits for an owner whose balance is low. Whoever credits a purchase, when Stripe tells of it, lets go of the config;
 * until then it stays taken, so that nothing is bought twice. Rejects where it is unknown whether Stripe has charged.
 */
export const autoTopUpOf =
  ({ books, charge: configured, mail, clock, log }: Needs) =>
  async (attempt: Attempt): Promise<void> => {
    const { owner, startedAt } = attempt;
    if (clock.now() - startedAt > ATTEMPT_MS_MAX) return;
    const charge = await configured();
    if (charge === null) return;
    const begun = await books.begin(attempt);
    if (begun.kind === 'not-due') return;

    const turnOff = async (reason: string): Promise<void> =>
      mail({ owner, reason, recipients: await books.turnOff(owner, reason) });
    const outcome = begun.kind === 'charge' ? await charge(purchaseOf(attempt, begun)) : begun;
    log.info('auto top-up', { owner: owner.id, outcome: outcome.kind });
    if (outcome.kind === 'turned-off') await mail({ owner, ...outcome });
    // It may still be paid, and credited: until then nothing else may be bought, whoever turns it on again.
    if (outcome.kind === 'unsettled') await turnOff(`unexpected_status_${outcome.status}`);
    if (outcome.kind === 'refused') {
      await turnOff(outcome.reason);
      await books.release(attempt);
    }
  };

type Now = {
  readonly topUp: (attempt: Attempt) => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
};

/** Begins an attempt of its own. Never rejects: the next request that finds the balance low begins another. */
export const topUpNowOf =
  ({ topUp, clock, log }: Now) =>
  async (owner: Owner): Promise<void> => {
    try {
      await topUp({ owner, startedAt: clock.now() });
    } catch (cause) {
      log.error('auto top-up failed', { owner: owner.id, cause });
    }
  };

const purchaseOf = (
  { owner, startedAt }: Attempt,
  { customer, config }: Extract<Begun, { kind: 'charge' }>,
): Purchase => ({
  owner,
  customer,
  paymentMethod: config.paymentMethod,
  amountCents: config.amountCents,
  key: `auto-top-up:${config.id}:${startedAt}`,
});

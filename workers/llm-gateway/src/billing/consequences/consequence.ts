import type { ExchangeId, OrganizationId, UserId } from '@gateway/worker-utils/ids';
import type { MicroUsd } from '@gateway/worker-utils/money';
import type { Instant } from '@gateway/worker-utils/time';
import type { Owner } from '../../exchange/owner.ts';

/** What follows, for somebody else, from an exchange that has been settled. Keyed by the exchange. */
export type Consequence =
  | {
      readonly kind: 'low-balance-mail';
      readonly exchange: ExchangeId;
      readonly organization: OrganizationId;
      /** In dollars, as its settings say it. */
      readonly minimumBalance: number;
      readonly recipients: readonly string[];
    }
  | {
      readonly kind: 'first-usage';
      readonly exchange: ExchangeId;
      readonly user: UserId;
      readonly at: Instant;
      readonly milestone: Milestone;
      readonly model: string;
      readonly cost: MicroUsd;
    }
  | { readonly kind: 'kilo-pass-bonus'; readonly exchange: ExchangeId; readonly user: UserId }
  | {
      readonly kind: 'auto-top-up';
      readonly exchange: ExchangeId;
      readonly owner: Owner;
      /** The name of the attempt to buy. */
      readonly at: Instant;
    };

/** The first use at all, and the first that cost something. One exchange may be both. */
export type Milestone =
  | { readonly event: 'first_usage' }
  | { readonly event: 'first_microdollar_usage'; readonly has_prior_free_usage: boolean };

/**
 * How often each is done. `at-most-once`: recorded as done before it is tried, because a second mail is worse than none.
 * `at-least-once`: recorded after, because it changes balances, and doing it again changes nothing.
 */
export const delivery = {
  'low-balance-mail': 'at-most-once',
  'first-usage': 'at-most-once',
  'kilo-pass-bonus': 'at-least-once',
  'auto-top-up': 'at-least-once',
} as const satisfies Record<Consequence['kind'], 'at-most-once' | 'at-least-once'>;

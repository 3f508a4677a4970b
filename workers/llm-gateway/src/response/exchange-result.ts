import type { Instant } from '@gateway/worker-utils/time';
import type { Outcome } from '../exchange/exchange.ts';
import type { UsageAccumulator } from './usage-accumulator.ts';

/**
 * How an answer ended. `complete`: every choice finished. `failed`: the upstream said that it failed. `cut`: it ended, or
 * broke, before either. `client-left`: we ended it, because nobody was reading.
 */
export type Ending = 'complete' | 'failed' | 'cut' | 'client-left' | 'unreachable';

const measured: unique symbol = Symbol('measured');
/** What was read off an exchange. There is no response without one, because only `relay` makes either. */
export type ExchangeResult = {
  readonly [measured]: true;
  readonly accumulated: UsageAccumulator;
  readonly ending: Ending;
  /** Of the upstream; null when there was no answer. */
  readonly status: number | null;
  readonly headersAt: Instant | null;
  /** When the client's answer began: with another attempt, where that broke off. */
  readonly startedAt: Instant | null;
  /** Told of the attempt that ended the answer. */
  readonly outcome: Outcome;
  readonly endedAt: Instant;
  /** The beginning of what the upstream said with an error status, as it said it: 4096 characters at most. */
  readonly errorText: string | null;
  /** The reply as the upstream sent it, up to a million characters. Null where nobody had asked to keep it. */
  readonly replyText: string | null;
};

export const exchangeResultOf = (facts: Omit<ExchangeResult, typeof measured>): ExchangeResult => ({
  ...facts,
  [measured]: true,
});

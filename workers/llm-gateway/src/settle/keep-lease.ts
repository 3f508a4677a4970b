import type { Attempted, Reserved } from '../exchange.ts';
import type { Question } from '../ledger/question.ts';
import { isCharged } from '../policy/is-charged.ts';
import type { Pause } from '../relay/relay.ts';
import { questionAbout } from './generation.ts';

/** What a payer's ledger is told of an exchange while it runs. Neither rejects: what is not heard is made up for later. */
export type Leases = {
  readonly attach: (exchange: Reserved, question: Question) => Promise<void>;
  readonly renew: (exchange: Reserved) => Promise<void>;
  /** How long the ledger waits for a word. */
  readonly leaseMs: number;
};

type Running = {
  readonly exchange: Attempted;
  /** The provider's name for the answer. Null: it ended without one. */
  readonly generation: Promise<string | null>;
  readonly reading: Promise<unknown>;
};

/** So many words in the time of a lease: two may fail to arrive. */
const RENEWALS = 3;

/**
 * Tells the ledger, for as long as an exchange runs, that somebody still cares; and, as soon as it is known, what the
 * provider calls the answer, so that its cost can be asked if nobody does any more. Never rejects.
 */
export async function keepLease(
  exchange: Reserved,
  concluding: Promise<Running>,
  needs: { readonly leases: Leases; readonly pause: Pause },
): Promise<void> {
  if (!isCharged(exchange)) return;
  const ended = new AbortController();
  const running = follow(concluding, needs.leases)
    .catch(() => undefined)
    .finally(() => ended.abort());
  for (;;) {
    await needs.pause(needs.leases.leaseMs / RENEWALS, ended.signal);
    if (ended.signal.aborted) break;
    await needs.leases.renew(exchange);
  }
  await running;
}

async function follow(concluding: Promise<Running>, leases: Leases): Promise<void> {
  const { exchange, generation, reading } = await concluding;
  const { outcome } = exchange;
  // An error is no answer, whatever name came with it: no provider has a record of what it cost.
  const isAnswer = outcome.kind === 'answered' && outcome.reply.status < 400;
  const name = isAnswer ? await generation : null;
  const question = name === null ? null : questionAbout(outcome.target, name, false);
  if (question) await leases.attach(exchange, question);
  await reading;
}

import type { Attempted, Reserved } from '../exchange.ts';
import type { Question } from '../ledger/question.ts';
import { isCharged } from '../policy/is-charged.ts';
import { generationName } from '../relay/generation-name.ts';
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
  /** Where the answer began: its header may name it long before it has come. */
  readonly attempted: Promise<Attempted>;
  readonly concluding: Promise<{
    /** The provider's name for the answer. Null: it ended without one. */
    readonly generation: Promise<string | null>;
    readonly reading: Promise<unknown>;
  }>;
};

/** So many words in the time of a lease: two may fail to arrive. */
const RENEWALS = 3;

/**
 * Tells the ledger, for as long as an exchange runs, that somebody still cares; and, as soon as it is known, what the
 * provider calls the answer, so that its cost can be asked if nobody does any more. Never rejects.
 */
export async function keepLease(
  exchange: Reserved,
  running: Running,
  needs: { readonly leases: Leases; readonly pause: Pause },
): Promise<void> {
  if (!isCharged(exchange)) return;
  const ended = new AbortController();
  const following = follow(running, needs.leases)
    .catch(() => undefined)
    .finally(() => ended.abort());
  for (;;) {
    await needs.pause(needs.leases.leaseMs / RENEWALS, ended.signal);
    if (ended.signal.aborted) break;
    await needs.leases.renew(exchange);
  }
  await following;
}

async function follow({ attempted, concluding }: Running, leases: Leases): Promise<void> {
  const exchange = await Promise.race([attempted, concluding.then(() => attempted)]);
  const { outcome } = exchange;
  // An error is no answer, whatever name came with it: no provider has a record of what it cost.
  if (outcome.kind === 'answered' && outcome.reply.status < 400) {
    const name = generationName(outcome.reply.headers) ?? (await (await concluding).generation);
    const question = name === null ? null : questionAbout(outcome.target, name, false);
    if (question) await leases.attach(exchange, question);
  }
  await (
    await concluding
  ).reading;
}

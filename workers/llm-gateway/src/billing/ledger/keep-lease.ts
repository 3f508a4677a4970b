import { ownSignal } from '@gateway/worker-utils/own-signal';
import type { OnGenerationId } from '../../upstream/attempts/start-attempt.ts';
import type { Reserved } from '../../exchange/exchange.ts';
import type { CostLookup } from './cost-lookup.ts';
import { isCharged } from '../../policy/is-charged.ts';
import type { Pause } from '../../response/relay.ts';
import { costLookupOf } from './generation.ts';

/** What a payer's ledger is told of an exchange while it runs. Neither rejects: what is not heard is made up for later. */
export type Leases = {
  readonly attach: (exchange: Reserved, question: CostLookup) => Promise<void>;
  readonly renew: (exchange: Reserved) => Promise<void>;
  /** How long the ledger waits for a word. */
  readonly leaseMs: number;
};

export type Lease = {
  /**
   * Tells what the provider calls the answer that runs now, as soon as anybody knows, so that its cost can be asked if nobody
   * comes back: of one that is held, too, and of one that takes the place of another.
   */
  readonly onGenerationId: OnGenerationId;
  /** Tells that somebody still cares, for as long as it runs. Never rejects. */
  readonly kept: (running: Promise<unknown>) => Promise<void>;
};

type Needs = { readonly leases: Leases; readonly pause: Pause };

/** So many words in the time of a lease: two may fail to arrive. */
const RENEWALS = 3;

export function leaseOf(exchange: Reserved, { leases, pause }: Needs): Lease {
  if (!isCharged(exchange)) return { onGenerationId: () => undefined, kept: async () => undefined };
  let last: CostLookup | null = null;
  // One after the other: the ledger believes the last one.
  let told = Promise.resolve();
  return {
    onGenerationId(target, generation) {
      const question = costLookupOf(target, generation, false);
      if (!question || isSame(question, last)) return;
      last = question;
      told = told.then(() => leases.attach(exchange, question)).catch(() => undefined);
    },
    async kept(running) {
      const ended = ownSignal();
      void running.catch(() => undefined).finally(() => ended.abort());
      for (;;) {
        await pause(leases.leaseMs / RENEWALS, ended.signal);
        if (ended.signal.aborted) break;
        await leases.renew(exchange);
      }
      await told;
    },
  };
}

const isSame = (a: CostLookup, b: CostLookup | null): boolean =>
  a.provider === b?.provider && a.generation === b.generation;

import { Instant } from '@gateway/worker-utils/time';
import { Ledger as LedgerOf } from '../adapters/ledger.ts';
import { appWith } from '../app.ts';
import { needsFrom } from '../wiring.ts';
import { ledgerPortsFrom } from '../wiring/ledger.ts';

// The gateway on a day on which a promotion ran: all that there were are over. For tests, and deployed nowhere.

export { LedgerIndex } from '../adapters/ledger-index.ts';
export { RateLimiter } from '../adapters/rate-limiter.ts';

export class Ledger extends LedgerOf {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env, ledgerPortsFrom);
  }
}

const DAY = Instant.parse(Date.parse('2026-02-27T12:00:00Z'));

export default appWith((...given) => ({ ...needsFrom(...given), clock: { now: () => DAY } }));

import { appWith } from '../app.ts';
import { needsFrom } from '../wiring.ts';
import { ledgerPortsFrom } from '../wiring/ledger.ts';
import { Ledger as LedgerOf } from '../adapters/ledger.ts';

// The gateway, but for its ledger: nothing is held and nothing is settled. It tells what the ledger costs, and is deployed
// nowhere: no money may pass through it.

export { LedgerIndex } from '../adapters/ledger-index.ts';
export { RateLimiter } from '../adapters/rate-limiter.ts';

export class Ledger extends LedgerOf {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env, ledgerPortsFrom);
  }
}

export default appWith((...given) => {
  const needs = needsFrom(...given);
  return {
    ...needs,
    holds: { hold: async () => ({ kind: 'held' }) },
    leases: { ...needs.leases, attach: async () => undefined, renew: async () => undefined },
    effects: { ...needs.effects, settle: async () => undefined },
  };
});

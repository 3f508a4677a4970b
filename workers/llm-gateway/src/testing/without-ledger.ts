import { appWith } from '../app.ts';
import { needsFrom } from '../platform/wiring/needs.ts';

// The gateway, but for its ledger: nothing is held and nothing is settled. It tells what the ledger costs, and is deployed
// nowhere: no money may pass through it.

export * from '../index.ts';

export default appWith((...given) => {
  const needs = needsFrom(...given);
  return {
    ...needs,
    holds: { hold: async () => ({ kind: 'held' }) },
    leases: { ...needs.leases, attach: async () => undefined, renew: async () => undefined },
    effects: { ...needs.effects, settle: async () => undefined },
  };
});

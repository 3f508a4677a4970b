import { LEDGER_INDEX } from '../durable-objects/ledger-index.ts';
import { CHARGED_MODELS } from '../durable-objects/shared-circuit.ts';
import type { AdminNeeds } from '../../http/admin.ts';
import { ledgerName } from '../../billing/ledger/ledger-owner.ts';
import { wiringDepsFrom } from './deps.ts';

/** What an operator's questions need. */
export function adminFrom(env: Env, requestId: string): AdminNeeds {
  const { optionalSecret } = wiringDepsFrom(env, { requestId });
  return {
    token: () => optionalSecret('GATEWAY_ADMIN_TOKEN'),
    suspendedModels: {
      listed: async () => env.SHARED_CIRCUIT.getByName(CHARGED_MODELS).suspended(),
      clear: async (model) => env.SHARED_CIRCUIT.getByName(CHARGED_MODELS).clear(model),
    },
    ledgers: {
      listed: async (after) => env.LEDGER_INDEX.getByName(LEDGER_INDEX).list(after),
      view: async (owner) => env.LEDGER.getByName(ledgerName(owner)).view(),
      takeUp: async (owner) => env.LEDGER.getByName(ledgerName(owner)).takeUp(),
    },
  };
}

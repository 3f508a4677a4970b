import { err, ok, type Result } from '@gateway/worker-utils/result';
import type { Authorized, Routed } from '../../exchange/exchange.ts';
import { vercelProviderOf } from '../../catalog/providers/vercel-names.ts';
import type { Refusal } from '../../exchange/refusal.ts';

const PROVIDER = 'mistral';

/** There is one place to go, and an organisation may forbid it. */
export function routeFim(exchange: Authorized): Result<Routed, Refusal> {
  const allowed = exchange.grant.preferences?.only;
  if (allowed && !allowed.map(vercelProviderOf).includes(PROVIDER)) {
    return err({ kind: 'model-not-allowed' });
  }
  return ok({ ...exchange, plan: [{ kind: 'platform', provider: PROVIDER }] });
}

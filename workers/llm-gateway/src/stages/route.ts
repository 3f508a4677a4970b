import { ok, type Result } from '@gateway/worker-utils/result';
import type { Admitted, Routed } from '../exchange.ts';
import type { Refusal } from '../refusal.ts';

export function route(exchange: Admitted): Result<Routed, Refusal> {
  const provider = exchange.model.hosted?.provider ?? 'openrouter';
  return ok({ ...exchange, plan: [{ provider }] });
}

import { MicroUsd, usdOf } from '@gateway/worker-utils/money';
import type { Target } from '../exchange/exchange.ts';
import type { Provider, Tariff } from '../catalog/providers/provider.ts';
import { providers } from '../catalog/providers/registry.ts';
import type { Usage } from './usage-accumulator.ts';

/** What an answer has cost, where its provider does not say: by its tariff. */
export function withTariffCost(usage: Usage | null, target: Target): Usage | null {
  if (usage === null || target.kind !== 'platform') return usage;
  const { tariff }: Provider = providers[target.provider];
  if (tariff === null) return usage;
  return { ...usage, cost: usdOf(tariffCostOf(usage, tariff)), isByok: null };
}

/** In whole microdollars. */
export const tariffCostOf = (
  { inputTokens, outputTokens }: Pick<Usage, 'inputTokens' | 'outputTokens'>,
  { prompt, completion }: Tariff,
): MicroUsd => MicroUsd.parse(Math.round(inputTokens * prompt + outputTokens * completion));

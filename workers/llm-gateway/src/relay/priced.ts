import { MicroUsd, usdOf } from '@gateway/worker-utils/money';
import type { Target } from '../exchange.ts';
import { type Provider } from '../providers/provider.ts';
import { providers } from '../providers/registry.ts';
import type { Usage } from './tally.ts';

/** What an answer has cost, where its provider does not say: by its tariff, in whole microdollars. */
export function priced(usage: Usage | null, target: Target): Usage | null {
  if (usage === null || target.kind !== 'house') return usage;
  const { tariff }: Provider = providers[target.provider];
  if (tariff === null) return usage;
  const cost = usage.inputTokens * tariff.prompt + usage.outputTokens * tariff.completion;
  return { ...usage, cost: usdOf(MicroUsd.parse(Math.round(cost))), isByok: null };
}

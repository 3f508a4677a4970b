import { type Family, sponsoredModel } from './model.ts';

/** One model upstream under two names: the second one thinks. */
const shared = {
  provider: 'gigapotato',
  upstreamId: 'ep-20260109111813-hztxv',
  requiredProviders: ['stealth'],
  contextTokens: 256_000,
  outputTokensMax: 32_000,
  state: 'offered',
} as const;

export const gigaPotato: Family = {
  prefix: 'giga-potato',
  preferredProviders: [],
  canResume: () => true,
  sponsored: [
    sponsoredModel({
      ...shared,
      id: 'giga-potato',
      name: 'Giga Potato (free)',
      flags: ['prompt_cache', 'vision'],
    }),
    sponsoredModel({
      ...shared,
      id: 'giga-potato-thinking',
      name: 'Giga Potato Thinking (free)',
      flags: ['prompt_cache', 'vision', 'reasoning'],
    }),
  ],
  transforms: [],
};

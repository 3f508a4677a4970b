import { type Family, sponsoredModel } from './model.ts';

export const minimax: Family = {
  prefix: 'minimax/',
  preferredProviders: ['minimax'],
  canResume: () => true,
  sponsored: [
    sponsoredModel({
      id: 'minimax/minimax-m2.5:free',
      name: 'MiniMax: MiniMax M2.5 (free)',
      provider: 'openrouter',
      upstreamId: 'minimax/minimax-m2.5',
      requiredProviders: [],
      contextTokens: 204_800,
      outputTokensMax: 131_072,
      flags: ['reasoning', 'prompt_cache'],
      state: 'offered',
    }),
  ],
  transforms: [],
};

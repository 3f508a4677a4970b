import { without } from '../transforms/without.ts';
import { type Family, sponsoredModel } from './model.ts';

export const moonshotai: Family = {
  prefix: 'moonshotai/',
  preferredProviders: ['moonshotai'],
  canResume: () => true,
  sponsored: [
    sponsoredModel({
      id: 'moonshotai/kimi-k2.5:free',
      name: 'MoonshotAI: Kimi K2.5 (free)',
      provider: 'openrouter',
      upstreamId: 'moonshotai/kimi-k2.5',
      requiredProviders: [],
      contextTokens: 262_144,
      outputTokensMax: 65_536,
      flags: ['reasoning', 'prompt_cache', 'vision'],
      state: 'offered',
    }),
  ],
  // Its models have a temperature of their own and refuse another.
  transforms: [({ chat, headers }) => ({ chat: without(chat, ['temperature']), headers })],
};

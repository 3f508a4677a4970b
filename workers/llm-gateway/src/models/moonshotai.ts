import { without } from '../composition/without.ts';
import { type Family, hostedModel } from './model.ts';

export const moonshotai: Family = {
  prefix: 'moonshotai/',
  preferredProviders: ['moonshotai'],
  goesOn: () => true,
  hosted: [
    hostedModel({
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
  fits: [({ chat, headers }) => ({ chat: without(chat, ['temperature']), headers })],
};

import { type Family, sponsoredModel } from './model.ts';

export const zai: Family = {
  prefix: 'z-ai/',
  preferredProviders: ['z-ai'],
  canResume: () => true,
  sponsored: [
    sponsoredModel({
      id: 'z-ai/glm-5:free',
      name: 'Z.ai: GLM 5 (free)',
      provider: 'openrouter',
      upstreamId: 'z-ai/glm-5',
      requiredProviders: [],
      contextTokens: 202_800,
      outputTokensMax: 131_072,
      flags: ['reasoning', 'prompt_cache'],
      state: 'retired',
    }),
  ],
  transforms: [],
};

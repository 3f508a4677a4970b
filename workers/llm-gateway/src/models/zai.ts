import { type Family, hostedModel } from './model.ts';

export const zai: Family = {
  prefix: 'z-ai/',
  preferredProviders: ['z-ai'],
  goesOn: () => true,
  hosted: [
    hostedModel({
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
  fits: [],
};

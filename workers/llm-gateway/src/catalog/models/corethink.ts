import { type Family, sponsoredModel } from './model.ts';

export const corethink: Family = {
  prefix: 'corethink:',
  preferredProviders: [],
  canResume: () => true,
  sponsored: [
    sponsoredModel({
      id: 'corethink:free',
      name: 'CoreThink (free)',
      provider: 'corethink',
      upstreamId: 'corethink',
      requiredProviders: ['corethink'],
      contextTokens: 78_000,
      outputTokensMax: 8_192,
      flags: [],
      state: 'offered',
    }),
  ],
  transforms: [],
};

import { withGrokHeaders } from '../transforms/grok-headers.ts';
import { requiringToolCall } from '../transforms/tool-choice.ts';
import { type Family, sponsoredModel } from './model.ts';

export const xai: Family = {
  prefix: 'x-ai/',
  preferredProviders: [],
  canResume: () => true,
  sponsored: [
    sponsoredModel({
      id: 'x-ai/grok-code-fast-1:optimized:free',
      name: 'xAI: Grok Code Fast 1 Optimized (experimental, free)',
      provider: 'martian',
      upstreamId: 'x-ai/grok-code-fast-1:optimized',
      requiredProviders: ['stealth'],
      contextTokens: 256_000,
      outputTokensMax: 10_000,
      flags: ['reasoning', 'prompt_cache'],
      state: 'retired',
    }),
  ],
  transforms: [requiringToolCall, withGrokHeaders],
};

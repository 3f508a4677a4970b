import { requiringToolCall } from '../transforms/tool-choice.ts';
import type { Family } from './model.ts';

export const google: Family = {
  prefix: 'google/',
  preferredProviders: [],
  canResume: () => true,
  sponsored: [],
  transforms: [
    (draft, context) =>
      context.resolved.startsWith('google/gemini') ? requiringToolCall(draft, context) : draft,
  ],
};

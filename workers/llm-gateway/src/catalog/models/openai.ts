import { requiringToolCall } from '../transforms/tool-choice.ts';
import type { Family } from './model.ts';

export const openai: Family = {
  prefix: 'openai/',
  preferredProviders: [],
  // They take it for an earlier turn, and begin another answer.
  canResume: () => false,
  sponsored: [],
  transforms: [
    // The open-weight models are served by others, who don't all know a required tool choice.
    (draft, context) =>
      context.resolved.startsWith('openai/gpt-oss') ? draft : requiringToolCall(draft, context),
  ],
};

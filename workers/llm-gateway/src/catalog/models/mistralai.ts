import { withMistralRules } from '../transforms/mistral-rules.ts';
import type { Family } from './model.ts';

export const mistralai: Family = {
  prefix: 'mistralai/',
  preferredProviders: ['mistral'],
  canResume: () => true,
  sponsored: [],
  transforms: [withMistralRules],
};

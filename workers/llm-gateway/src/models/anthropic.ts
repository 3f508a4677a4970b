import type { Family } from './model.ts';

export const anthropic: Family = {
  prefix: 'anthropic/',
  preferredProviders: ['amazon-bedrock', 'anthropic'],
  hosted: [],
};

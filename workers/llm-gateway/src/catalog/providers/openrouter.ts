import { defineProvider } from './provider.ts';

export const openrouter = defineProvider({
  id: 'openrouter',
  baseUrl: 'OPENROUTER_BASE_URL',
  key: 'OPENROUTER_API_KEY',
  hashPepper: 'henk is a boss',
  hasGenerations: true,
  tariff: null,
  transforms: [],
});

import { defineProvider } from './provider.ts';

export const martian = defineProvider({
  id: 'martian',
  baseUrl: 'MARTIAN_BASE_URL',
  key: 'MARTIAN_API_KEY',
  hashPepper: 'martian',
  hasGenerations: false,
  tariff: null,
  transforms: [],
});

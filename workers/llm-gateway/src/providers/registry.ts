import { openrouter } from './openrouter.ts';

/** Every upstream API, by its own id. A file in this folder that is not listed here fails `knip`. */
export const providers = {
  [openrouter.id]: openrouter,
};

export type ProviderId = keyof typeof providers;
export type ProviderKey = (typeof providers)[ProviderId]['key'];
export type ProviderBaseUrl = (typeof providers)[ProviderId]['baseUrl'];

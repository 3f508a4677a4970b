import { corethink } from './corethink.ts';
import { gigapotato } from './gigapotato.ts';
import { martian } from './martian.ts';
import { mistral } from './mistral.ts';
import { openrouter } from './openrouter.ts';
import { vercel } from './vercel.ts';

/** Every upstream API, by its own id. A file in this folder that is not listed here fails `knip`. */
export const providers = {
  [corethink.id]: corethink,
  [gigapotato.id]: gigapotato,
  [martian.id]: martian,
  [mistral.id]: mistral,
  [openrouter.id]: openrouter,
  [vercel.id]: vercel,
};

export type ProviderId = keyof typeof providers;
export type ProviderKey = (typeof providers)[ProviderId]['key'];
export type ProviderBaseUrl = (typeof providers)[ProviderId]['baseUrl'];

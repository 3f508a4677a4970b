import { systemClock } from '@gateway/worker-utils/system-clock';
import { catalogueOf } from '../services/catalogue-upstream.ts';
import { profilesOf, providersModelsOf } from '../postgres/profiles-database.ts';
import type { ApiNeeds } from '../../http/api/endpoints.ts';
import type { render } from '../../response/render-refusal.ts';
import { callersFrom } from './callers.ts';
import { wiringDepsFrom } from './deps.ts';

type Needs = ApiNeeds & Parameters<typeof render>[1];

/** What the endpoints beside chats ask of the outside. */
export function apiNeedsFrom(env: Env, context: { readonly requestId: string }): Needs {
  const house = wiringDepsFrom(env, context);
  const { withConnection, log } = house;
  const { tokens, snapshots, isBlacklisted, payments, appUrl } = callersFrom(house);
  return {
    tokens,
    snapshots,
    isBlacklisted,
    payments,
    appUrl,
    profiles: profilesOf({ lend: withConnection, log }),
    providersModels: providersModelsOf({ lend: withConnection, log, clock: systemClock }),
    catalogue: catalogueOf({ baseUrl: env.OPENROUTER_BASE_URL, clock: systemClock, log }),
  };
}

import {
  type AccountNeeds,
  balance,
  defaults,
  organizationDefaults,
  profile,
  user,
} from './account.ts';
import type { Endpoint } from './endpoint.ts';
import {
  type ModelNeeds,
  models,
  modelsByProvider,
  organizationModels,
  organizationModes,
  providers,
} from './models.ts';

export type ApiNeeds = AccountNeeds & ModelNeeds;

/** All that is answered beside chats: the routes and their documentation are made of it. */
export const endpoints: readonly Endpoint<ApiNeeds>[] = [
  models,
  providers,
  modelsByProvider,
  user,
  profile,
  balance,
  defaults,
  organizationModels,
  organizationModes,
  organizationDefaults,
];

import { isSponsored, type Model } from '../catalog/models/catalogue.ts';
import { isRecord } from '../request/chat-request.ts';

/** Sponsored models require that their hosts may train on the data. */
export const needsDataCollection = (model: Model): boolean => isSponsored(model);

/** @param provider the request's `provider`, or what the organisation replaces it with. */
export const refusesDataCollection = (provider: unknown): boolean =>
  isRecord(provider) && (provider['data_collection'] === 'deny' || Boolean(provider['zdr']));

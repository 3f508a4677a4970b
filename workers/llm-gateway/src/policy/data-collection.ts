import { isSponsored, type Model } from '../catalog/models/catalogue.ts';
import { isRecord } from '../request/chat-request.ts';

/** What is free is paid for with the right to learn from it. */
export const needsDataCollection = (model: Model): boolean => isSponsored(model);

/** @param provider of the request, or what the organisation puts in its place. */
export const refusesDataCollection = (provider: unknown): boolean =>
  isRecord(provider) && (provider['data_collection'] === 'deny' || Boolean(provider['zdr']));

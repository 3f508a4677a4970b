import { isLimited, type Model } from '../models/catalogue.ts';
import { type ChatRequest, isRecord } from '../request/chat-request.ts';

/** What is free is paid for with the right to learn from it. */
export const needsDataCollection = (model: Model): boolean => isLimited(model);

export function refusesDataCollection(chat: ChatRequest): boolean {
  const provider = chat['provider'];
  return isRecord(provider) && (provider['data_collection'] === 'deny' || Boolean(provider['zdr']));
}

import { isRecord } from '../request/chat-request.ts';
import type { Draft } from './fit.ts';

/** Where the client has no order of its own. */
export function withPreferredProviders(draft: Draft, order: readonly string[]): Draft {
  const wanted = draft.chat['provider'];
  const provider = isRecord(wanted) ? wanted : {};
  return order.length === 0 || provider['order']
    ? draft
    : { ...draft, chat: { ...draft.chat, provider: { ...provider, order } } };
}

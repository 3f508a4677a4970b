import { isRecord } from '../../request/chat-request.ts';
import type { Draft } from './transform.ts';

/**
 * Where the client has no order of its own. One beside its `sort` would switch that off, and one without fallbacks would be
 * all that may be asked.
 */
export function withPreferredProviders(draft: Draft, order: readonly string[]): Draft {
  const wanted = draft.chat['provider'];
  const provider = isRecord(wanted) ? wanted : {};
  const isOrdered = provider['order'] || provider['sort'] || provider['allow_fallbacks'] === false;
  return order.length === 0 || isOrdered
    ? draft
    : { ...draft, chat: { ...draft.chat, provider: { ...provider, order } } };
}

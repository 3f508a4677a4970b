import { isRecord } from '../../request/chat-request.ts';
import { namesIn, namesWithin } from '../../request/provider-names.ts';
import type { Draft } from './transform.ts';

/**
 * Puts a family's preferred hosts first unless the client sets an order. Keeps only hosts in `provider.only`, because an
 * organization may allow no others. An order would disable the client's `sort`, and without fallbacks would exclude all other
 * hosts.
 */
export function withPreferredProviders(draft: Draft, preferred: readonly string[]): Draft {
  const wanted = draft.chat['provider'];
  const provider = isRecord(wanted) ? wanted : {};
  const isOrdered = provider['order'] || provider['sort'] || provider['allow_fallbacks'] === false;
  const only = namesIn(provider['only']);
  const order = only.length === 0 ? preferred : namesWithin(only, preferred);
  return order.length === 0 || isOrdered
    ? draft
    : { ...draft, chat: { ...draft.chat, provider: { ...provider, order } } };
}

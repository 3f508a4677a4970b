import { isRecord } from '../../request/chat-request.ts';
import { namesIn, namesWithin } from '../../request/provider-names.ts';
import type { Draft } from './transform.ts';

/**
 * Puts a family's preferred hosts first, where the client has no order of its own: those of `provider.only` alone, because an
 * organization may allow no others. One beside its `sort` would switch that off, and one without fallbacks would be all that
 * may be asked.
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

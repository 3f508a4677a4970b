import { isSponsored, type Model } from '../catalog/models/catalogue.ts';
import { type ChatRequest, isRecord, numberIn } from '../request/chat-request.ts';
import { isUnaskedParser, paidExtrasOf } from '../request/paid-extras.ts';

/** Preferences that could select a more expensive host. Those that only make a request cheaper or safer are allowed. */
const HOST_WISHES = [
  'order',
  'only',
  'ignore',
  'quantizations',
  'sort',
  'preferred_min_throughput',
  'preferred_max_latency',
] as const;

/**
 * The field of a request for which nobody is charged that would cost the house money or let another model run. Null: none.
 * Where the catalogue prices a model at nothing, so do all of its hosts; where the house pays, the caller chooses none.
 */
export function costlyFieldOf(
  chat: ChatRequest,
  { model, promotion }: { readonly model: Model; readonly promotion: string | null },
): string | null {
  const extra = paidExtrasOf(chat).find((found) => !isUnaskedParser(found));
  if (extra) return extra.field;
  if (!isSponsored(model) && promotion === null) return null;
  // What is no number may be read as one upstream: a list of one, for example.
  if (isSet(chat['n']) && !(numberIn(chat['n']) <= 1)) return 'n';
  const { provider } = chat;
  if (!isRecord(provider)) return null;
  const wish = HOST_WISHES.find((name) => isSet(provider[name]) && provider[name] !== 'price');
  return wish === undefined ? null : `provider.${wish}`;
}

const isSet = (value: unknown): boolean =>
  Array.isArray(value) ? value.length > 0 : value !== undefined && value !== null;

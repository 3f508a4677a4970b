import type { JSONObject, SharedV4ProviderOptions } from '@ai-sdk/provider';
import { isRecord } from '../../request/chat-request.ts';

/** What came as JSON is JSON: a look at the outermost level is enough. */
const isJsonObject = (value: unknown): value is JSONObject => isRecord(value);

type Cached = { readonly cache_control?: unknown };

export const isMarked = ({ cache_control }: Cached): boolean => isJsonObject(cache_control);

/** A client's cache breakpoint. Only Anthropic's protocol has a place for it. */
export function cacheOptions(
  part: Cached,
): { readonly providerOptions: SharedV4ProviderOptions } | null {
  const wanted = part.cache_control;
  return isJsonObject(wanted) ? anthropicCache(wanted) : null;
}

export const anthropicCache = (cacheControl: JSONObject) => ({
  providerOptions: { anthropic: { cacheControl } },
});

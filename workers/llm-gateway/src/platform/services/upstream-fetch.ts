import { isStrong } from '@gateway/worker-utils/secret-rules';
import type { HttpRequest } from '../../exchange/exchange.ts';
import { scrubbed } from './scrubbed.ts';

/**
 * Redirects are not followed: a key must not travel to a host that nobody configured. Nor does a key come back: some providers
 * repeat it in their errors, and whoever reads those need not be its owner. Where a caller's own key was sent, an error may
 * also stand in the middle of an answer.
 */
export async function upstreamFetch(request: HttpRequest, signal: AbortSignal): Promise<Response> {
  const { url, headers, body, ownKeys } = request;
  const init = { method: 'POST', headers, body, signal, redirect: 'manual' } as const;
  // oxlint-disable-next-line eslint/no-restricted-globals -- This is the port that calls out.
  const response = await fetch(url, init);
  if (response.ok && ownKeys.length === 0) return response;
  return scrubbed(response, [...ownKeys, ...ourKeyIn(headers)]);
}

/** A stand-in for a key, of a program that asks for none, is a word like any other. */
function ourKeyIn({ Authorization: header = '' }: HttpRequest['headers']): readonly string[] {
  const key = header.replace(/^Bearer /, '');
  return isStrong(key) ? [key] : [];
}

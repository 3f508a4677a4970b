import type { HttpRequest } from '../exchange.ts';

/** Redirects are not followed: a key must not travel to a host that nobody configured. */
export const upstreamFetch = (
  { url, headers, body }: HttpRequest,
  signal: AbortSignal,
): Promise<Response> =>
  // oxlint-disable-next-line eslint/no-restricted-globals -- This is the port that calls out.
  fetch(url, { method: 'POST', headers, body, signal, redirect: 'manual' });

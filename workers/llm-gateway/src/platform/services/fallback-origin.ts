import { NAMED_ADDRESS_HEADERS } from '../../request/named-address.ts';
import { urlUnder } from '@gateway/worker-utils/url-under';

/** Marks what was forwarded once: an origin that routes it back here would make a loop. */
const FORWARDED = 'x-llm-gateway-forwarded';
/** RFC 9110, 7.6.1: they concern one connection, not the request. */
const HOP_BY_HOP = [
  'connection',
  'host',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
] as const;
/** From the request to the head of the answer. The body may take longer. */
const HEAD_MS_MAX = 30_000;

/**
 * Sends a request that the gateway does not serve to the application that owned its path before a cut-over by route, and
 * returns the answer as it is. It carries what the client sent and nothing of ours. Redirects are the client's to follow.
 * Null: it was forwarded once already. Rejects where the origin cannot be reached in time.
 */
export async function forwardTo(origin: string, request: Request): Promise<Response | null> {
  if (request.headers.has(FORWARDED)) return null;
  const { pathname, search } = new URL(request.url);
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), HEAD_MS_MAX);
  try {
    // oxlint-disable-next-line eslint/no-restricted-globals -- This is a port that calls out.
    const answer = await fetch(urlUnder(origin, pathname + search), {
      method: request.method,
      headers: forwardedHeaders(request.headers),
      body: request.body,
      redirect: 'manual',
      signal: late.signal,
    });
    return new Response(answer.body, answer);
  } finally {
    clearTimeout(timer);
  }
}

function forwardedHeaders(sent: Headers): Headers {
  const headers = new Headers(sent);
  const named = sent.get('connection')?.split(',') ?? [];
  for (const name of [...HOP_BY_HOP, ...NAMED_ADDRESS_HEADERS, ...named.map((one) => one.trim())]) {
    if (/^[\w-]+$/.test(name)) headers.delete(name);
  }
  headers.set(FORWARDED, '1');
  return headers;
}

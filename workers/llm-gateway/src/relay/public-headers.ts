/** All that a client sees of an upstream's headers. The rest names accounts, limits and hosts. */
const PASSED = ['content-type', 'date', 'request-id'] as const;

export function publicHeadersOf(upstream: Headers): Headers {
  const headers = new Headers({ 'content-encoding': 'identity' });
  for (const name of PASSED) {
    const value = upstream.get(name);
    if (value !== null) headers.set(name, value);
  }
  return headers;
}

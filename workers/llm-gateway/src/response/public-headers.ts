/** All that a client sees of an upstream's headers. The rest names accounts, limits and hosts. */
const PASSED = ['content-type', 'date', 'request-id'] as const;
/** Of a model whose makers are not to be found out. The form of a request id tells them. */
const PASSED_OF_STEALTH = ['content-type', 'date'] as const;

export function publicHeadersOf(upstream: Headers, isStealth: boolean): Headers {
  const headers = new Headers({ 'content-encoding': 'identity' });
  for (const name of isStealth ? PASSED_OF_STEALTH : PASSED) {
    const value = upstream.get(name);
    if (value !== null) headers.set(name, value);
  }
  return headers;
}

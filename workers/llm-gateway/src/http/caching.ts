/**
 * What proxies may do with a response. A stream must reach its reader as it comes: nginx and its kin buffer one that does not
 * say so. What somebody was told who had shown a token is for nobody else.
 */
export function cachingOf(
  response: Headers,
  isAuthenticated: boolean,
): readonly (readonly [name: string, value: string])[] {
  const isStream = response.get('content-type')?.includes('text/event-stream') === true;
  const rules = [
    ...(isAuthenticated ? ['private', 'no-store'] : []),
    ...(isStream ? ['no-cache'] : []),
  ];
  return [
    ...(rules.length > 0 ? [['cache-control', rules.join(', ')] as const] : []),
    ...(isStream ? [['x-accel-buffering', 'no'] as const] : []),
  ];
}

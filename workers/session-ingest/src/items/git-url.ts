const SECURE_SHELL = /^git@[\w.-]+:[^\s?#]+/;

/** A repository's address without what may be secret: credentials, query, fragment. Anything else is null. */
export function gitUrl(value: string): string | null {
  const trimmed = value.trim();
  const shell = SECURE_SHELL.exec(trimmed);
  if (shell) return shell[0];
  const url = URL.parse(trimmed);
  if (url === null || !['http:', 'https:'].includes(url.protocol)) return null;
  url.username = '';
  url.password = '';
  url.search = '';
  url.hash = '';
  return url.href;
}

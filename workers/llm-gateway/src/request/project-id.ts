const CHARACTERS_MAX = 256;

/**
 * Names the project by its repository, however its remote is written. What is not recognised stays as it came, without
 * the user and password that a URL may carry.
 */
export function projectIdOf(header: string | null): string | null {
  if (header === null || header === '') return null;
  const text = header.slice(0, CHARACTERS_MAX);
  const path =
    /^https?:\/\/[^/\s?#]+(?<path>\/[^\s?#]*)$/i.exec(text)?.groups?.['path'] ??
    /^git@[^:\s]+:(?<path>\S+)$/.exec(text)?.groups?.['path'];
  if (path === undefined) return text.replace(/\/\/[^/@\s]*@/, '//');
  return (path.split('/').at(-1) ?? '').replace(/\.git$/i, '');
}

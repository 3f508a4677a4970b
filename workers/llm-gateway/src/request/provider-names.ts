/**
 * The names of inference providers in a list of a request's `provider`. Ignores malformed lists and entries: the upstream
 * judges them.
 */
export const namesIn = (list: unknown): readonly string[] =>
  Array.isArray(list)
    ? list.filter((name) => typeof name === 'string').filter((name) => name.trim() !== '')
    : [];

/**
 * What two lists of providers have in common, as OpenRouter reads them: a name is a slug in lower case, and stands for all of
 * its endpoints (`deepinfra`, of which `deepinfra/turbo` is one). Of a whole and a part, the part is in both.
 * (https://openrouter.ai/docs/features/provider-routing)
 * @param names keep their order, and where they are in both, their spelling.
 */
export function namesWithin(
  allowed: readonly string[],
  names: readonly string[],
): readonly string[] {
  const allowedSlugs = allowed.map((name) => ({ name, slug: slugOf(name) }));
  const common = [...new Set(names)].flatMap((name) => {
    const slug = slugOf(name);
    return allowedSlugs.some((whole) => isWithin(slug, whole.slug))
      ? [name]
      : allowedSlugs.flatMap((part) => (isWithin(part.slug, slug) ? [part.name] : []));
  });
  return [...new Set(common)];
}

/** Some clients send the display name, such as `Amazon Bedrock`. */
const slugOf = (name: string): string => name.trim().toLowerCase().replaceAll(/\s+/g, '-');

const isWithin = (slug: string, whole: string): boolean =>
  slug === whole || slug.startsWith(`${whole}/`);

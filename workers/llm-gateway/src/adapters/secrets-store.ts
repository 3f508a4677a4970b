/** Only strings are kept between requests, never promises: those belong to the request that made them. */
const known = new Map<string, string>();

type Store = { readonly get: () => Promise<string> };

/** A secret of the Secrets Store, read once in an isolate's life. */
export async function secretOf(name: string, store: Store): Promise<string> {
  const value = known.get(name) ?? (await store.get());
  known.set(name, value);
  return value;
}

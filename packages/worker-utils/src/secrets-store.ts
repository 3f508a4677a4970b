/** Only strings are kept between requests, never promises: those belong to the request that made them. */
const known = new Map<string, string>();
/** Secrets that the store has said it does not hold. Whoever adds one starts new isolates. */
const absent = new Set<string>();

type Store = { readonly get: () => Promise<string> };

/** Cloudflare deploys no worker that names a secret which its store does not hold: one that is not there has this value. */
const NONE = 'none';

/** A secret of the Secrets Store, read once in an isolate's life. */
export async function secretOf(name: string, store: Store): Promise<string> {
  const value = known.get(name) ?? (await store.get());
  known.set(name, value);
  return value;
}

/** One that need not be there. Null where the store does not hold it; a store that is away still throws. */
export async function optionalSecretOf(name: string, store: Store): Promise<string | null> {
  if (absent.has(name)) return null;
  const value = await secretOf(name, store).catch(nullIfNotFound);
  if (value !== null && value !== NONE) return value;
  absent.add(name);
  return null;
}

function nullIfNotFound(cause: unknown): null {
  if (cause instanceof Error && /not found/i.test(cause.message)) return null;
  throw cause;
}

import { flawText, isAbsent, secretFlaw, type SecretFlaw } from './secret-rules.ts';

/** Only strings are kept between requests, never promises: those belong to the request that made them. */
const known = new Map<string, string>();
/** Optional secrets that are absent (null) or too weak. Deploying a worker again starts new isolates, which ask anew. */
const unusable = new Map<string, SecretFlaw | null>();

type Store = { readonly get: () => Promise<string> };

/** A secret has a value that must not be used. The message names the secret, and never holds the value. */
export class UnfitSecret extends Error {
  override readonly name = 'UnfitSecret';

  constructor(secret: string, flaw: SecretFlaw) {
    super(flawText(secret, flaw));
  }
}

/**
 * A required secret of the Secrets Store, read once in an isolate's life.
 * @param name as the store has it: it decides what the value must be (`secret-rules.ts`).
 * Throws `UnfitSecret` where the value is absent or too weak, and what the store throws.
 */
export async function secretOf(name: string, store: Store): Promise<string> {
  const value = known.get(name) ?? (await store.get());
  if (isAbsent(value)) throw new UnfitSecret(name, 'absent');
  const flaw = secretFlaw(name, value);
  if (flaw !== null) throw new UnfitSecret(name, flaw);
  known.set(name, value);
  return value;
}

/**
 * An optional secret. Null where the store does not hold it, holds `none`, or holds a value that is too weak: nothing may be
 * verified with it. A store that is away still throws.
 */
export async function optionalSecretOf(name: string, store: Store): Promise<string | null> {
  if (unusable.has(name)) return null;
  const value = known.get(name) ?? (await heldBy(store));
  const flaw = secretFlaw(name, value);
  if (value !== null && !isAbsent(value) && flaw === null) {
    known.set(name, value);
    return value;
  }
  unusable.set(name, flaw);
  return null;
}

/** What is wrong with what the store holds under a name. Null: nothing, or an optional secret is absent. */
export async function flawInStore(name: string, store: Store): Promise<SecretFlaw | null> {
  if (known.has(name)) return null;
  const flaw = unusable.get(name);
  return flaw === undefined ? secretFlaw(name, await heldBy(store)) : flaw;
}

const heldBy = (store: Store): Promise<string | null> => store.get().catch(nullIfNotFound);

function nullIfNotFound(cause: unknown): null {
  if (cause instanceof Error && /not found/i.test(cause.message)) return null;
  throw cause;
}

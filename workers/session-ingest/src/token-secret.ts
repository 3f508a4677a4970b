/** Only strings are kept between requests, never promises: those belong to the request that made them. */
let known: string | null = null;

/** The secret that tokens are signed with, read once in an isolate's life. */
export async function tokenSecret(store: { readonly get: () => Promise<string> }): Promise<string> {
  known ??= await store.get();
  return known;
}

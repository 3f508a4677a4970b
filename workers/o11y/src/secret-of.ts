import type { SecretBinding } from './bindings.ts';

/** Cloudflare deploys no worker that names a secret which its store does not hold: one that is not there has this value. */
const NONE = 'none';

/** Null where it is not set: the Secrets Store throws then, one machine has nothing there. */
export async function secretOf(binding: SecretBinding | undefined): Promise<string | null> {
  try {
    const value = await binding?.get();
    return value === NONE ? null : value || null;
  } catch {
    return null;
  }
}

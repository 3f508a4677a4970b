import type { SecretBinding } from './bindings.ts';

/** Null where it is not set: the Secrets Store throws then, one machine has nothing there. */
export async function secretOf(binding: SecretBinding | undefined): Promise<string | null> {
  try {
    return (await binding?.get()) || null;
  } catch {
    return null;
  }
}

import { createHash, randomBytes } from 'node:crypto';

/** Who an answer is: its generation id, and the second in which it was created. */
export type Identity = { readonly generationId: string; readonly created: number };

const FIRST_CREATED_SECONDS = 1_760_000_000;

/** The same for the same seed and sequence number, so that a test knows every byte beforehand. */
export function identityOf(seed: number, sequence: number): Identity {
  const created = FIRST_CREATED_SECONDS + sequence;
  const digest = createHash('sha256').update(`${seed}/${sequence}`).digest('hex');
  return { generationId: `gen-${created}-${digest.slice(0, 20)}`, created };
}

/** Without a seed no id ever comes back: a database that outlives the simulator may hold those of an earlier run. */
export function freshIdentity(nowMs: number): Identity {
  const created = Math.floor(nowMs / 1000);
  return { generationId: `gen-${created}-${randomBytes(10).toString('hex')}`, created };
}

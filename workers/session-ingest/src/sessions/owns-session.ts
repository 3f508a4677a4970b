import type { SessionKey } from '../session-key.ts';

export type OwnershipNeeds = {
  readonly isCached: (key: SessionKey) => Promise<boolean>;
  readonly hasRow: (key: SessionKey) => Promise<boolean>;
  readonly remember: (key: SessionKey) => Promise<void>;
};

/** Whether a user has such a session: the cache says yes only, Postgres says both. */
export async function ownsSession(needs: OwnershipNeeds, key: SessionKey): Promise<boolean> {
  if (await needs.isCached(key)) return true;
  if (!(await needs.hasRow(key))) return false;
  await needs.remember(key);
  return true;
}

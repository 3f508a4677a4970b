import type { UserId } from '@gateway/worker-utils/ids';
import type { SessionId } from '../session-id.ts';
import type { SessionKey } from '../session-key.ts';

export type DeleteNeeds = {
  /** The session and its descendants; empty where there is none. */
  readonly family: (key: SessionKey) => Promise<readonly SessionId[]>;
  readonly deleteRows: (user: UserId, sessions: readonly SessionId[]) => Promise<void>;
  /** Takes a session from the access cache and clears its object. `only-known`: where there is one. */
  readonly forget: (key: SessionKey, which?: 'only-known') => Promise<void>;
};

/**
 * Deletes a session and all that descends from it. The rows go last: a failure half-way leaves them, so that a repetition finds
 * the whole family again. False: there was no such session.
 */
export async function deleteSession(needs: DeleteNeeds, key: SessionKey): Promise<boolean> {
  const family = await needs.family(key);
  if (family.length === 0) {
    // The row may have been deleted by a call that failed after that.
    await needs.forget(key, 'only-known');
    return false;
  }
  await forgetAll(needs, key.user, family);
  await needs.deleteRows(key.user, family);
  // A batch may have come in between.
  await forgetAll(needs, key.user, family);
  return true;
}

async function forgetAll(
  needs: DeleteNeeds,
  user: UserId,
  sessions: readonly SessionId[],
): Promise<void> {
  for (const session of sessions) await needs.forget({ user, session });
}

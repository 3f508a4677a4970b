import {
  createSession,
  deleteSessions,
  revokeShare,
  sessionExists,
  sessionFamily,
  sharedSession,
  shareSession,
  unshareSession,
  updateSession,
} from '@gateway/db';
import type { UserId } from '@gateway/worker-utils/ids';
import type { Bindings } from './bindings.ts';
import type { SessionMetadata } from './items/session-metadata.ts';
import { SessionId } from './session-id.ts';
import type { SessionKey } from './session-key.ts';
import { withDatabase } from './with-database.ts';

/** The rows of sessions. */
export const sessionRows = (env: Bindings) => ({
  hasRow: (key: SessionKey) => withDatabase(env, (database) => sessionExists(database, rowOf(key))),
  createRow: (key: SessionKey) =>
    withDatabase(env, (database) => createSession(database, rowOf(key))),
  updateRow: (key: SessionKey, metadata: SessionMetadata) =>
    withDatabase(env, (database) => updateSession(database, rowOf(key), changeOf(metadata))),
  async family(key: SessionKey): Promise<readonly SessionId[]> {
    const ids = await withDatabase(env, (database) => sessionFamily(database, rowOf(key)));
    return ids.map((id) => SessionId.parse(id));
  },
  deleteRows: (user: UserId, sessions: readonly SessionId[]) =>
    withDatabase(env, (database) => deleteSessions(database, user, sessions)),
  share: (key: SessionKey) =>
    withDatabase(env, (database) => shareSession(database, rowOf(key), crypto.randomUUID())),
  unshare: (key: SessionKey) =>
    withDatabase(env, (database) => unshareSession(database, rowOf(key))),
  revokeShare: (publicId: string) =>
    withDatabase(env, (database) => revokeShare(database, publicId)),
  async shared(publicId: string): Promise<SessionKey | null> {
    const row = await withDatabase(env, (database) => sharedSession(database, publicId));
    return row && { user: row.kilo_user_id, session: SessionId.parse(row.session_id) };
  },
});

const rowOf = ({ user, session }: SessionKey) => ({ kilo_user_id: user, session_id: session });

/** A null of a column that takes none says nothing: the query leaves it then. */
function changeOf(metadata: SessionMetadata) {
  const { title, parentId, platform, orgId, gitUrl, gitBranch } = metadata;
  return {
    ...(title !== undefined && { title }),
    ...(parentId !== undefined && { parent_session_id: parentId }),
    ...(platform !== undefined && { created_on_platform: platform }),
    ...(orgId !== undefined && { organization_id: orgId }),
    ...(gitUrl !== undefined && { git_url: gitUrl }),
    ...(gitBranch !== undefined && { git_branch: gitBranch }),
  };
}

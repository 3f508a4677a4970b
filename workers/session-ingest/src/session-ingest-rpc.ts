import { WorkerEntrypoint } from 'cloudflare:workers';
import { upsertCloudAgentSession } from '@gateway/db';
import { OrganizationId, UserId } from '@gateway/worker-utils/ids';
import { z } from 'zod';
import type { Bindings } from './bindings.ts';
import { consoleLog, kindOf } from './log.ts';
import { SessionId } from './session-id.ts';
import type { SessionKey } from './session-key.ts';
import { sessionObjects } from './session-objects.ts';
import { sessionRows } from './session-rows.ts';
import { deleteSession } from './sessions/delete-session.ts';
import { textOf } from './text-of.ts';
import { exportSession } from './wiring.ts';
import { withDatabase } from './with-database.ts';

const Named = z.object({ sessionId: SessionId, kiloUserId: UserId });
const CloudAgentSession = Named.extend({
  cloudAgentSessionId: z.string().min(1),
  organizationId: OrganizationId.optional(),
  createdOnPlatform: z.string().min(1),
});

/** For other workers, which are trusted: no token is asked for. Each method throws when its argument has another shape. */
export class SessionIngestRPC extends WorkerEntrypoint<Bindings> {
  /** Null: no such session. Throws where the text would not fit into the answer: the route of the export streams it. */
  async exportSession(params: z.input<typeof Named>): Promise<string | null> {
    const snapshot = await exportSession(this.env, keyOf(Named.parse(params)));
    return snapshot && textOf(snapshot);
  }

  async createSessionForCloudAgent(params: z.input<typeof CloudAgentSession>): Promise<void> {
    const session = CloudAgentSession.parse(params);
    const row = {
      session_id: session.sessionId,
      kilo_user_id: session.kiloUserId,
      cloud_agent_session_id: session.cloudAgentSessionId,
      organization_id: session.organizationId ?? null,
      created_on_platform: session.createdOnPlatform,
    };
    await withDatabase(this.env, (database) => upsertCloudAgentSession(database, row));
    await bestEffort(sessionObjects(this.env).remember(keyOf(session)));
  }

  /** Harmless where there is no such session. */
  async deleteSessionForCloudAgent(params: z.input<typeof Named>): Promise<void> {
    await deleteSession(
      { ...sessionRows(this.env), ...sessionObjects(this.env) },
      keyOf(Named.parse(params)),
    );
  }
}

const keyOf = ({ sessionId, kiloUserId }: z.output<typeof Named>): SessionKey => ({
  session: sessionId,
  user: kiloUserId,
});

/** The cache learns of a session also when it is first used. */
async function bestEffort(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (cause) {
    consoleLog.warn('access cache not warmed', { cause: kindOf(cause) });
  }
}

import { waitUntil } from 'cloudflare:workers';
import { sessionAccount } from '@gateway/db';
import type { UserId } from '@gateway/worker-utils/ids';
import { flawInStore, optionalSecretOf, secretOf } from '@gateway/worker-utils/secrets-store';
import type { AppNeeds } from './app-needs.ts';
import { type AccountCache, cachedAccount } from './auth/account-cache.ts';
import { existingAccount } from './auth/existing-account.ts';
import { type Account, tokenHolder } from './auth/token-holder.ts';
import type { Bindings } from './bindings.ts';
import { consoleLog, kindOf } from './log.ts';
import type { SessionKey } from './session-key.ts';
import { sessionObjects } from './session-objects.ts';
import { sessionRows } from './session-rows.ts';
import { deleteSession } from './sessions/delete-session.ts';
import { ingestBatch } from './sessions/ingest-batch.ts';
import { ownsSession } from './sessions/owns-session.ts';
import { sharedSession, type UnknownIds } from './sessions/shared-session.ts';
import { timingSafeEqual } from '@gateway/worker-utils/timing-safe-equal';
import { bearerToken } from '@gateway/worker-utils/bearer-token';
import { systemIntake } from '@gateway/worker-utils/system-intake';
import { systemClock } from '@gateway/worker-utils/system-clock';
import { withDatabase } from './with-database.ts';

// From the platform's bindings to what the rest asks for.

const accounts: AccountCache = new Map();
const unknownIds: UnknownIds = new Map();

export function appNeeds(env: Bindings): AppNeeds {
  const rows = sessionRows(env);
  const objects = sessionObjects(env);
  const needs = { ...rows, ...objects };
  return {
    holder: (authorization) =>
      tokenHolder(
        {
          secrets: {
            current: () => secretOf('NEXTAUTH_SECRET_PROD', env.NEXTAUTH_SECRET_PROD),
            previous: () =>
              optionalSecretOf('NEXTAUTH_SECRET_PREVIOUS', env.NEXTAUTH_SECRET_PREVIOUS),
          },
          environment: env.ENVIRONMENT,
          clock: systemClock,
          account: cachedAccount({ cache: accounts, clock: systemClock, read: accountOf(env) }),
        },
        authorization,
      ),
    async create(key) {
      if (!(await objects.mayCreate(key))) return 'too-many';
      try {
        await rows.createRow(key);
      } catch (cause) {
        await objects.giveUp(key);
        throw cause;
      }
      await objects.remember(key);
      return undefined;
    },
    remove: (key) => deleteSession(needs, key),
    ingest: (key, batch) => ingestBatch({ ...needs, reportDropped }, key, batch),
    export: (key) => exportSession(env, key),
    async exportShared(publicId) {
      const asked = {
        unknown: unknownIds,
        clock: systemClock,
        read: async (id: string) => rows.shared(id),
      };
      const key = await sharedSession(asked, publicId);
      return key && objects.read(key);
    },
    async isOperator(authorization) {
      const expected = await optionalSecretOf('GATEWAY_ADMIN_TOKEN', env.GATEWAY_ADMIN_TOKEN);
      const given = bearerToken(authorization);
      return expected !== null && given !== null && timingSafeEqual(given, expected);
    },
    revokeShare: rows.revokeShare,
    unfitSecrets: async () => {
      const names = [
        'NEXTAUTH_SECRET_PROD',
        'NEXTAUTH_SECRET_PREVIOUS',
        'GATEWAY_ADMIN_TOKEN',
      ] as const;
      const flaws = await Promise.all(names.map((name) => flawInStore(name, env[name])));
      return names.filter((_name, index) => flaws[index] !== null);
    },
    share: rows.share,
    unshare: rows.unshare,
    intake: systemIntake,
    log: consoleLog,
  };
}

const reportDropped = (items: number): void =>
  consoleLog.warn('items too large to be kept', { items });

/** Null: no such session. */
export async function exportSession(
  env: Bindings,
  key: SessionKey,
): Promise<ReadableStream<Uint8Array> | null> {
  const objects = sessionObjects(env);
  const isOwned = await ownsSession({ ...sessionRows(env), ...objects }, key);
  return isOwned ? objects.read(key) : null;
}

const accountOf = (env: Bindings) =>
  existingAccount({
    cache: env.USER_EXISTS_CACHE,
    waitUntil,
    reportFailure: (cause) => consoleLog.warn('users not cached', { cause: kindOf(cause) }),
    async read(user: UserId): Promise<Account | null> {
      const row = await withDatabase(env, (database) => sessionAccount(database, user));
      return row && { tokenPepper: row.api_token_pepper, isBlocked: row.blocked_reason !== null };
    },
  });

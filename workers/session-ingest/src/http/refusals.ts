import type { AuthFlaw } from '../auth/token-holder.ts';
import type { IngestOutcome } from '../sessions/ingest-batch.ts';

export type Refusal = {
  readonly status: 400 | 401 | 403 | 404 | 413 | 429;
  readonly error: string;
};

export const sessionNotFound = { status: 404, error: 'session_not_found' } as const;

/** More of them than one user may have. */
export const tooManySessions = { status: 429, error: 'too_many_sessions' } as const;

export const authRefusals = {
  'no-token': { status: 401, error: 'Missing or malformed Authorization header' },
  'bad-token': { status: 401, error: 'Invalid or expired token' },
  'unknown-user': { status: 403, error: 'User account not found' },
  'blocked-user': { status: 403, error: 'User account is blocked' },
} as const satisfies Record<AuthFlaw, Refusal>;

export const ingestRefusals = {
  'session-not-found': sessionNotFound,
  'session-full': { status: 413, error: 'session_too_large' },
  'storage-full': { status: 413, error: 'session_storage_full' },
  'parent-is-self': { status: 400, error: 'parent_session_id_cannot_be_self' },
  'parent-not-found': { status: 404, error: 'parent_session_not_found' },
} as const satisfies Record<Exclude<IngestOutcome, 'ingested'>, Refusal>;

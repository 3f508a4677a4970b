import type { UserId } from '@gateway/worker-utils/ids';
import type { Intake } from '@gateway/worker-utils/read-within';
import type { Result } from '@gateway/worker-utils/result';
import type { AuthFlaw } from './auth/token-holder.ts';
import type { StoredItem } from './items/stored-item.ts';
import type { Log } from '@gateway/worker-utils/json-log';
import type { SessionKey } from './session-key.ts';
import type { IngestOutcome } from './sessions/ingest-batch.ts';

type Batch = { readonly version: number; readonly items: readonly StoredItem[] };

/** What the routes ask for. */
export type AppNeeds = {
  readonly holder: (authorization: string | undefined) => Promise<Result<UserId, AuthFlaw>>;
  /** Names of this worker's secrets that are absent or too weak. */
  readonly unfitSecrets: () => Promise<readonly string[]>;
  readonly create: (key: SessionKey) => Promise<'too-many' | undefined>;
  /** False, as below null: no such session. */
  readonly remove: (key: SessionKey) => Promise<boolean>;
  readonly ingest: (key: SessionKey, batch: Batch) => Promise<IngestOutcome>;
  readonly export: (key: SessionKey) => Promise<ReadableStream<Uint8Array> | null>;
  readonly exportShared: (publicId: string) => Promise<ReadableStream<Uint8Array> | null>;
  readonly share: (key: SessionKey) => Promise<string | null>;
  /** Whether this header holds the operator's token. */
  readonly isOperator: (authorization: string | undefined) => Promise<boolean>;
  /** Takes a public id away. False: no session has it. */
  readonly revokeShare: (publicId: string) => Promise<boolean>;
  readonly unshare: (key: SessionKey) => Promise<boolean>;
  readonly intake: Intake;
  readonly log: Log;
};

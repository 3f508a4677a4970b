import type { ExchangeId } from '@gateway/worker-utils/ids';
import type { Log } from '@gateway/worker-utils/json-log';
import type { Clock, Instant } from '@gateway/worker-utils/time';
import type { Handled } from '../pipeline/handle.ts';
import type { AnswerClaim } from './answer-quota.ts';
import type { AnswerStore } from './answer-store.ts';
import type { Recording } from './recording.ts';
import type { Seal } from './seal.ts';

/** One request under a key. The answering side adds its own fields. */
export type Asked = {
  readonly body: Uint8Array;
  /** The key and its owner. */
  readonly identity: string;
  /** The user whose quota a stored answer counts against. */
  readonly owner: string;
  /** The client that waits for the answer. */
  readonly listener: string;
};

/** Dependencies of a key's object. */
export type Ports<Request extends Asked> = {
  readonly store: AnswerStore;
  readonly clock: Clock;
  readonly sealFor: (identity: string) => Promise<Seal>;
  /** Runs the request under this exchange. The signal fires when the answer is abandoned. */
  readonly handle: (
    request: Request,
    under: { readonly exchange: ExchangeId; readonly left: AbortSignal },
  ) => Promise<Handled>;
  readonly exchangeIds: { readonly next: () => ExchangeId };
  /** Claims room in the owner's quota for one more stored answer; false if it is full. Never rejects. */
  readonly mayKeep: (owner: string, claim: AnswerClaim) => Promise<boolean>;
  /** Resolves when all writes are durable. */
  readonly sync: () => Promise<void>;
  /** Deletes all storage of this key. */
  readonly erase: () => Promise<void>;
  /** Schedules a wake-up at this time or earlier. */
  readonly wakeAt: (at: Instant) => void;
  /** How long an unattended answer keeps running. */
  readonly unattendedMs: number;
  /** How long a stored answer is kept. */
  readonly retentionMs: number;
  readonly log: Log;
};

/** The in-memory state of a key's object. */
export type IdempotentAnswer<Request extends Asked> = {
  readonly ports: Ports<Request>;
  /** Requests that have not been assigned an answer yet. */
  readonly asking: Set<string>;
  /** Answers in progress or being read. */
  readonly open: Set<Recording>;
  running: Running | null;
};
type Running = {
  readonly recording: Recording;
  readonly left: AbortController;
  /** Resolves when the answer is stored or released. */
  readonly done: Promise<void>;
};

export const openIdempotentAnswer = <Request extends Asked>(
  ports: Ports<Request>,
): IdempotentAnswer<Request> => ({ ports, asking: new Set(), open: new Set(), running: null });

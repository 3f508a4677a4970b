import type { ExchangeId } from '@gateway/worker-utils/ids';
import type { Log } from '@gateway/worker-utils/json-log';
import type { Clock, Instant } from '@gateway/worker-utils/time';
import type { Handled } from '../pipeline/handle.ts';
import type { AnswerClaim } from './answer-quota.ts';
import type { AnswerStore } from './answer-store.ts';
import type { Recording } from './recording.ts';
import type { Seal } from './seal.ts';

/** One request under a key. What else belongs to it is for who answers. */
export type Asked = {
  readonly body: Uint8Array;
  /** Whose key it is, and which. */
  readonly identity: string;
  /** Whose quota the answer counts for, once it is kept. */
  readonly owner: string;
  /** Who waits for the answer. */
  readonly listener: string;
};

/** What the object of a key asks of the outside. */
export type Ports<Request extends Asked> = {
  readonly store: AnswerStore;
  readonly clock: Clock;
  readonly sealFor: (identity: string) => Promise<Seal>;
  /** Answers as any request is answered, under this exchange. When the signal fires, nobody is there any more. */
  readonly handle: (
    request: Request,
    under: { readonly exchange: ExchangeId; readonly left: AbortSignal },
  ) => Promise<Handled>;
  readonly exchangeIds: { readonly next: () => ExchangeId };
  /** Whether the owner has room for one more kept answer. Counts it where it has. Never rejects. */
  readonly mayKeep: (owner: string, claim: AnswerClaim) => Promise<boolean>;
  /** Resolves when what was written is durable. */
  readonly sync: () => Promise<void>;
  /** Deletes all that is on disk. */
  readonly erase: () => Promise<void>;
  /** Asks to be woken then, or earlier. */
  readonly wakeAt: (at: Instant) => void;
  /** So long an answer goes on that nobody listens to. */
  readonly unattendedMs: number;
  /** So long it is kept. */
  readonly retentionMs: number;
  readonly log: Log;
};

/** The object of a key at work: what goes on at this moment. */
export type IdempotentAnswer<Request extends Asked> = {
  readonly ports: Ports<Request>;
  /** Who asks, until it is decided what they are told. */
  readonly asking: Set<string>;
  /** What is being made, or listened to. */
  readonly open: Set<Recording>;
  running: Running | null;
};
type Running = {
  readonly recording: Recording;
  readonly left: AbortController;
  /** Resolves when it is settled. */
  readonly done: Promise<void>;
};

export const openIdempotentAnswer = <Request extends Asked>(
  ports: Ports<Request>,
): IdempotentAnswer<Request> => ({ ports, asking: new Set(), open: new Set(), running: null });

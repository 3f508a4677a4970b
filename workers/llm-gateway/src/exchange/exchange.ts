import type { ExchangeId, OrganizationId } from '@gateway/worker-utils/ids';
import type { MicroUsd } from '@gateway/worker-utils/money';
import type { Instant } from '@gateway/worker-utils/time';
import type { Caller } from './caller.ts';
import type { CustomCall } from '../upstream/custom-llm/custom-call.ts';
import type { CustomLlm } from './custom-llm.ts';
import type { Model } from '../catalog/models/catalogue.ts';
import type { ByokKeys } from './byok-key.ts';
import type { ProviderId } from '../catalog/providers/registry.ts';
import type { Silence } from '../response/silence.ts';
import type { Usage } from '../response/usage-accumulator.ts';
import type { ChatRequest } from '../request/chat-request.ts';
import type { ClientAddress } from '../request/client-address.ts';
import type { ClientHints } from '../request/client-hints.ts';
import type { Grant } from '../pipeline/stages/authorize.ts';
import type { Reservation } from '../pipeline/stages/reserve.ts';
import type { FreeTierCheck } from '../pipeline/stages/throttle.ts';

// What is known about one exchange after each stage. Every stage adds one noun; `resolveModel` adds two, a model and its
// fallbacks. The text is dropped once it has been parsed, so that a long stream does not hold its request twice. The chat
// changes twice: `resolveModel` adds the fields of an auto model's choice, and `compose` repairs it for every target.

export type Received = { readonly arrival: Arrival; readonly text: string };
export type Parsed = { readonly arrival: Arrival; readonly chat: ChatRequest };
export type ModelResolved = Parsed & {
  readonly model: Model;
  readonly fallbacks: readonly Fallback[];
};
export type Throttled = ModelResolved & { readonly freeTier: FreeTierCheck };
export type Identified = Throttled & { readonly caller: Caller };
export type ByokMatched = Identified & { readonly byok: ByokMatch };
export type PayerChosen = ByokMatched & { readonly payer: Payer };
export type Authorized = PayerChosen & { readonly grant: Grant };
export type Routed = Authorized & { readonly plan: Plan };
export type Composed = Routed & { readonly calls: Calls };
export type Reserved = Composed & { readonly reservation: Reservation };
export type Attempted = Reserved & { readonly outcome: Outcome };

/** A model that may answer in the place of the one that is asked first, and the field that names it: `models[0]`. */
export type Fallback = { readonly field: string; readonly model: Model };

type Arrival = {
  readonly id: ExchangeId;
  readonly at: Instant;
  readonly bodyBytes: number;
  readonly bearer: string | null;
  readonly address: ClientAddress | null;
  readonly geo: Geo;
  readonly hints: ClientHints;
  /** Fires when the client has left. */
  readonly clientSignal: AbortSignal;
};

/** Where the edge believes the client to be. */
export type Geo = {
  readonly city: string | null;
  readonly country: string | null;
  readonly latitude: number | null;
  readonly longitude: number | null;
  readonly ja4: string | null;
};

/** Which of the caller's own keys could serve the model. `forbidden`: some, but the organisation allows none of them. */
export type ByokMatch =
  | { readonly kind: 'none' }
  | { readonly kind: 'forbidden' }
  | { readonly kind: 'fitting'; readonly keys: ByokKeys };

/** Who pays, and what is left to spend. */
export type Payer =
  | { readonly kind: 'nobody' }
  | { readonly kind: 'user'; readonly balance: MicroUsd }
  | { readonly kind: 'organization'; readonly id: OrganizationId; readonly balance: MicroUsd };

/** Where to try, in this order. Never empty. */
type Plan = readonly [Target, ...Target[]];
export type Target =
  /** On the platform account with the provider. */
  | { readonly kind: 'platform'; readonly provider: ProviderId }
  /** With the caller's BYOK keys, through Vercel's gateway. The gateway charges nothing. */
  | { readonly kind: 'byok'; readonly provider: 'vercel'; readonly keys: ByokKeys }
  /** At an endpoint of the caller's organisation. The gateway charges nothing. */
  | { readonly kind: 'custom-llm'; readonly provider: 'custom'; readonly llm: CustomLlm };

/** One for each target. Composed when it is tried: most are never tried. */
type Calls = readonly [Call, ...Call[]];
export type Call = {
  readonly target: Target;
  /** @param begun the text of an answer that has broken off, to go on with. Null: the answer begins at its beginning. */
  readonly compose: (begun: string | null) => Promise<UpstreamRequest>;
};
export type UpstreamRequest = HttpRequest | CustomCall;
export type HttpRequest = {
  readonly kind: 'http';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Keys in the body, which callers have brought. No answer may repeat one. */
  readonly ownKeys: readonly string[];
};

/** The outcome of all attempts, as seen from the one that the client receives. */
export type Outcome = {
  readonly target: Target;
  /** Which of them it is, from 1. */
  readonly attemptNumber: number;
  readonly startedAt: Instant;
  /** The other attempts, which are never charged. */
  readonly failures: readonly FailedAttempt[];
} & (
  | {
      readonly kind: 'answered';
      readonly reply: UpstreamReply;
      /** Null: the answer broke off, and no other target could continue it. */
      readonly resume: Resume | null;
    }
  | {
      readonly kind: 'exhausted';
      readonly ending: 'client-left' | 'unreachable';
      readonly cause: unknown;
    }
);

/**
 * Continues a broken answer at the remaining targets. The outcome describes the attempt that continues it, or the broken
 * attempt if none could.
 */
type Resume = (broken: Interruption) => Promise<Outcome>;
export type Interruption = {
  /** The text that the client has of it. Null: the client has seen nothing yet. */
  readonly prefix: string | null;
  /** The stream stalled instead of ending. */
  readonly isStalled: boolean;
  readonly generationId: string | null;
  /** As far as it has told. */
  readonly usage: Usage | null;
  /** Fires when the client has left. */
  readonly clientSignal: AbortSignal;
};

/** An attempt that delivered no answer or only a part of it. */
export type FailedAttempt = {
  readonly attemptNumber: number;
  readonly target: Target;
  readonly startedAt: Instant;
  /** `hedged-late`: another attempt answered before its late first token. `hedged-lost`: the late attempt won after all. */
  readonly ending: 'failed' | 'cut' | 'unreachable' | 'client-left' | 'hedged-late' | 'hedged-lost';
  /** Null where no headers came. */
  readonly reply: Pick<UpstreamReply, 'status' | 'headers' | 'at'> | null;
  /** The provider's name for it. */
  readonly generationId: string | null;
  /** As far as it has told. */
  readonly usage: Usage | null;
};

export type UpstreamReply = {
  readonly status: number;
  readonly headers: Headers;
  /** The bytes read to detect the first token. */
  readonly readAhead: readonly Uint8Array[];
  /** The rest of the body. */
  readonly body: ReadableStream<Uint8Array> | null;
  /** When the headers came. */
  readonly at: Instant;
  /** How long the upstream may stay silent. */
  readonly silence: Silence;
  /** Ends the exchange with the upstream. */
  readonly abort: () => void;
};

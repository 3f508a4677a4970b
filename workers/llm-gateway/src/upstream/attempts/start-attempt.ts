import type { ByteBudget } from '@gateway/worker-utils/byte-budget';
import { joinBytes } from '@gateway/worker-utils/bytes';
import type { Signal } from '@gateway/worker-utils/own-signal';
import type { Clock } from '@gateway/worker-utils/time';
import type { Target, UpstreamReply, UpstreamRequest } from '../../exchange/exchange.ts';
import { generationIdIn } from '../generation-id.ts';
import { collectedCompletion } from '../../response/collected-completion.ts';
import { gathered } from '../../response/gathered.ts';
import type { Silence } from '../../response/silence.ts';
import { streamedCompletion } from '../../response/streamed-completion.ts';
import { toldErrorOf } from '../../response/told-error.ts';
import { retryAfterMsOf } from '../retry-after.ts';
import { jsonBeginningOf, streamBeginningOf } from './read-to-first-token.ts';
import { isGatewayFault, type RetryScope, retryScopeOf } from './retry-scope.ts';
import type { AttemptResult, Attempt } from './attempt.ts';

export type Upstream = {
  readonly send: (request: UpstreamRequest, signal: AbortSignal) => Promise<Response>;
};
export type Deps = {
  readonly upstream: Upstream;
  readonly clock: Clock;
  /** From 0 to 1. */
  readonly chance: () => number;
  /** Resolves after `ms`, or as soon as the signal fires. */
  readonly pause: (ms: number, signal: Signal) => Promise<void>;
  /** Shared by all answers that are held in memory. */
  readonly heldAnswers: ByteBudget;
  /** How long a provider may stay silent. */
  readonly silenceOf: (provider: string) => Silence;
};

/** Called as soon as the generation id is known: a cost lookup is possible from then on. */
export type OnGenerationId = (target: Target, generation: string) => void;

type AttemptOptions = Pick<Attempt, 'attemptNumber' | 'call' | 'targetIndex' | 'isLimited'> & {
  /** Whether the client asked for a stream. */
  readonly isStreamed: boolean;
  /** Whether another attempt may still replace this one: then it becomes the answer only with its first token. */
  readonly waitsForFirstToken: boolean;
  /** Whether the target is a fallback for the first one. */
  readonly isFallback: boolean;
  /** The delivered text that the attempt has to continue. */
  readonly prefix: string | null;
  readonly onGenerationId: OnGenerationId;
  readonly clientSignal: AbortSignal;
  readonly limit: AbortSignal;
};

/** Calls a target. The returned attempt changes as the call proceeds. */
export function startAttempt(
  { attemptNumber, call, targetIndex, isLimited, ...asked }: AttemptOptions,
  needs: Deps,
): Attempt {
  const upstream = new AbortController();
  const abort = () => upstream.abort();
  // A signal of our own: the request's, handed to fetch itself, aborts nothing once waitUntil holds the invocation.
  asked.clientSignal.addEventListener('abort', abort, { once: true });
  if (asked.clientSignal.aborted) abort();
  const signal = AbortSignal.any([upstream.signal, asked.limit]);
  const startedAt = needs.clock.now();
  const base = { attemptNumber, call, targetIndex, isLimited, startedAt, abort };
  const done = Promise.withResolvers<void>();
  const attempt: Attempt = {
    ...base,
    done: done.promise,
    reply: null,
    ended: null,
    interruption: null,
  };
  const finish = async () => {
    const result = await resultOf(attempt, { ...asked, signal }, needs);
    attempt.ended = { result, at: needs.clock.now(), chance: needs.chance() };
    done.resolve();
  };
  void finish();
  return attempt;
}

type Asking = Pick<
  AttemptOptions,
  'isStreamed' | 'waitsForFirstToken' | 'isFallback' | 'prefix' | 'onGenerationId'
> & {
  readonly signal: AbortSignal;
};

async function resultOf(attempt: Attempt, asking: Asking, needs: Deps): Promise<AttemptResult> {
  try {
    const request = await attempt.call.compose(asking.prefix);
    const response = await needs.upstream.send(request, asking.signal);
    const { status, headers } = response;
    const body: UpstreamReply['body'] = response.body;
    const at = needs.clock.now();
    const silence = needs.silenceOf(attempt.call.target.provider);
    const reply = { status, headers, body, readAhead: [], at, silence, abort: attempt.abort };
    attempt.reply = reply;
    if (status >= 400) return refusalOf(reply, asking);
    const nameIt = (generation: string) => asking.onGenerationId(attempt.call.target, generation);
    const name = generationIdIn(headers);
    if (name !== null) nameIt(name);
    if (!body) return { kind: 'answer', reply };
    const onGeneration = name === null ? nameIt : () => undefined;
    const answering = { ...needs, ...asking, onGeneration };
    return isEventStream(headers) && asking.isStreamed
      ? await begunStreamOf(attempt, { ...reply, body }, answering)
      : await begunJsonOf(attempt, { ...reply, body }, answering);
  } catch (cause) {
    return { kind: 'unreachable', cause };
  }
}

const isEventStream = (headers: Headers): boolean =>
  headers.get('content-type')?.includes('text/event-stream') === true;

function refusalOf(
  reply: UpstreamReply,
  { isFallback }: Pick<Asking, 'isFallback'>,
): AttemptResult {
  const { status, at } = reply;
  const retry = isFallback && isGatewayFault(status) ? 'elsewhere' : retryScopeOf(status);
  return refused(reply, { retry, ending: 'failed', retryAfterMs: retryAfterMsOf(reply, at) });
}

type Answering = Pick<Deps, 'clock' | 'pause' | 'heldAnswers'> &
  Asking & { readonly onGeneration: (name: string) => void };
type Begun = UpstreamReply & { readonly body: ReadableStream<Uint8Array> };

/** Waits for the first token of a stream with a success status: until then it may still fail. */
async function begunStreamOf(
  attempt: Attempt,
  reply: Begun,
  needs: Answering,
): Promise<AttemptResult> {
  if (!needs.waitsForFirstToken) return { kind: 'answer', reply };
  const { abort } = attempt;
  const { silence } = reply;
  const { bytes, rest, detected } = await streamBeginningOf(reply.body, {
    ...needs,
    silence,
    abort,
  });
  const begun = { ...reply, readAhead: bytes, body: rest };
  attempt.reply = begun;
  switch (detected.kind) {
    case 'answer':
      return { kind: 'answer', reply: begun };
    case 'error': {
      const { headers } = reply;
      const status = detected.status ?? BROKEN_STATUS;
      const retryAfterMs = retryAfterMsOf({ status, headers }, needs.clock.now());
      return refused(begun, { retry: detected.retry, ending: 'failed', retryAfterMs });
    }
    case 'silent':
      return refused(begun, { retry: 'elsewhere', ending: 'cut', retryAfterMs: null });
    case 'nothing':
      return refused(begun, { retry: 'anywhere', ending: 'cut', retryAfterMs: null });
  }
}

/** For failures without a status. */
const BROKEN_STATUS = 502;

/**
 * The same for an answer that is, or has to become, one JSON document: the client gets the form that it asked for, whichever
 * form the upstream sent. An error inside it sets the status, because nothing has been sent yet.
 */
async function begunJsonOf(
  attempt: Attempt,
  reply: Begun,
  needs: Answering,
): Promise<AttemptResult> {
  const json = isEventStream(reply.headers)
    ? {
        ...as('application/json', reply),
        body: gathered(reply.body, collectedCompletion(needs.onGeneration), needs),
      }
    : reply;
  const { bytes, rest, detected } = await jsonBeginningOf(json.body, needs);
  const begun = { ...json, readAhead: bytes, body: rest };
  attempt.reply = begun;
  switch (detected.kind) {
    case 'error': {
      const status = detected.status ?? BROKEN_STATUS;
      const failed = {
        ...as('application/json', begun),
        status,
        readAhead: [],
        body: failedBody(bytes, status),
      };
      attempt.reply = failed;
      return refusalOf(failed, needs);
    }
    case 'nothing':
      return refused(begun, { retry: 'anywhere', ending: 'cut', retryAfterMs: null });
    case 'answer': {
      if (!needs.isStreamed) return { kind: 'answer', reply: begun };
      const body = gathered(rest, streamedCompletion(bytes), needs);
      const streamed = { ...as('text/event-stream', begun), readAhead: [], body };
      attempt.reply = streamed;
      return { kind: 'answer', reply: streamed };
    }
  }
}

function as<Reply extends UpstreamReply>(type: string, reply: Reply): Reply {
  const headers = new Headers(reply.headers);
  headers.set('content-type', type);
  return { ...reply, headers };
}

/** Only the error: clients would take a partial answer beside it for an answer. */
function failedBody(bytes: readonly Uint8Array[], status: number): UpstreamReply['body'] {
  const told = toldErrorOf(new TextDecoder().decode(joinBytes(bytes)), status);
  const { choices: _choices, usage: _usage, ...error } = told;
  return new Response(JSON.stringify(error)).body;
}

type Refusal = Pick<Extract<AttemptResult, { kind: 'refused' }>, 'ending' | 'retryAfterMs'> & {
  readonly retry: RetryScope;
};

/** A refusal that every target would repeat is the answer. */
const refused = (reply: UpstreamReply, { retry, ...refusal }: Refusal): AttemptResult =>
  retry === 'nowhere' ? { kind: 'answer', reply } : { kind: 'refused', reply, retry, ...refusal };

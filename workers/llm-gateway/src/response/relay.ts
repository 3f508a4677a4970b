import type { ByteBudget } from '@gateway/worker-utils/byte-budget';
import type { Signal } from '@gateway/worker-utils/own-signal';
import type { Clock } from '@gateway/worker-utils/time';
import type { OnGenerationId } from '../upstream/attempts/start-attempt.ts';
import { isKeyRejected } from '../upstream/attempts/retry-scope.ts';
import { canPrefill } from '../catalog/transforms/prefill.ts';
import type { Attempted, Interruption, UpstreamReply } from '../exchange/exchange.ts';
import { isStealth } from '../catalog/models/catalogue.ts';
import {
  badGateway,
  platformKeyRejected,
  temporarilyUnavailable,
  jsonResponse,
} from './render-refusal.ts';
import { withoutAccount } from './rewrite/account.ts';
import type { Fields } from './rewrite/public-view.ts';
import { rewritingOf } from './rewrite/rewriting.ts';
import { errorChunk } from './resume/error-chunk.ts';
import type { MalformedEventMemory } from '../upstream/attempts/malformed-events.ts';
import { generationIdIn } from '../upstream/generation-id.ts';
import { withTariffCost } from './tariff-cost.ts';
import { publicHeadersOf } from './public-headers.ts';
import { type ExchangeResult, exchangeResultOf } from './exchange-result.ts';
import { readableErrorOf } from './readable-error.ts';
import { relayError } from './relay-error.ts';
import { relayJson } from './relay-json.ts';
import { relayRewritten } from './relay-rewritten.ts';
import { relayStream, type StreamDeps } from './relay-stream.ts';
import { retryAfterOf } from '../upstream/retry-after.ts';
import { emptyAccumulator, type UsageAccumulator } from './usage-accumulator.ts';

/** The client's response, and what is read off it. There is no way to get the first without the second. */
export type Relayed = {
  readonly response: Response;
  readonly result: Promise<ExchangeResult>;
};

/** A body on its way to the client, and what it turns out to be when it has ended. */
export type BodyTransfer = {
  readonly body: ReadableStream<Uint8Array> | Uint8Array | null;
  readonly end: Promise<TransferResult>;
};
export type TransferResult = Pick<
  ExchangeResult,
  'accumulated' | 'ending' | 'errorText' | 'replyText'
>;

/** Resolves after `ms`, or as soon as the signal fires. */
export type Pause = (ms: number, signal: Signal) => Promise<void>;
type Deps = {
  readonly clock: Clock;
  readonly pause: Pause;
  readonly malformedEvents: MalformedEventMemory;
  readonly heldAnswers: ByteBudget;
};
type Options = {
  /** Whether the text of the reply is wanted afterwards. It costs memory, so that few ask for it. */
  readonly keepsReply: boolean;
  readonly onGenerationId: OnGenerationId;
};

export async function relay(
  exchange: Attempted,
  needs: Deps,
  { keepsReply, onGenerationId }: Options,
): Promise<Relayed> {
  const { outcome, arrival, model } = exchange;
  if (outcome.kind === 'exhausted') return unanswered(outcome, needs);

  const { reply } = outcome;
  const course = courseOf(outcome);
  const passage = await bodyTransferOf(reply, {
    clientSignal: arrival.clientSignal,
    clock: needs.clock,
    pause: needs.pause,
    heldAnswers: needs.heldAnswers,
    heldMs: needs.clock.now() - reply.at,
    keepsReply,
    keepsText: canResume(exchange),
    rewriting: rewritingOf(exchange),
    isGarbled: needs.malformedEvents.isKnown({ target: outcome.target, model: model.resolved }),
    onGeneration(name) {
      const { target, reply: current } = course.told();
      if (generationIdIn(current.headers) === null) onGenerationId(target, name);
    },
    resume: course.rescue,
    defaultIdentity: () => ({
      id: generationIdIn(reply.headers) ?? arrival.id,
      created: Math.floor(needs.clock.now() / 1000),
      model: model.resolved,
    }),
    errorOf: (known, { generationId }) =>
      errorChunk({
        id: known?.id ?? (isStealth(model) ? null : generationId) ?? arrival.id,
        model: model.resolved,
        at: needs.clock.now(),
      }),
  });
  const reading = passage.end.then((passed) =>
    exchangeResultOf({
      ...passed,
      ...course.end(passed.accumulated),
      startedAt: reply.at,
      endedAt: needs.clock.now(),
    }),
  );
  const response = await responseOf(exchange, { reply, body: passage.body }, needs);
  return { response, result: reading };
}

type Answered = Extract<Attempted['outcome'], { kind: 'answered' }>;

/** Which attempt a client's answer comes from: it may have to be another one. */
function courseOf(first: Answered) {
  let told = first;
  let passedOn = first.reply;
  return {
    told: () => told,
    rescue: async (broken: Interruption): Promise<UpstreamReply | null> => {
      const outcome = await told.resume?.(broken);
      if (outcome?.kind !== 'answered') return null;
      told = outcome;
      if (outcome.resume === null) return null;
      passedOn = outcome.reply;
      return outcome.reply;
    },
    /** What is told of the last one. Where nothing of it was passed on, its name is all that is known. */
    end(read: UsageAccumulator) {
      const { reply, target } = told;
      const accumulated = reply === passedOn ? read : emptyAccumulator;
      // An answer that broke off before its first event can still be looked up by the id in its header.
      const generationId = accumulated.generationId ?? generationIdIn(reply.headers);
      const usage = withTariffCost(accumulated.usage, target);
      return {
        accumulated: { ...accumulated, generationId, usage },
        status: reply.status,
        headersAt: reply.at,
        outcome: told,
      };
    },
  };
}

/** Whether another target could be asked for the rest of an answer. */
const canResume = ({ calls, chat, model }: Attempted): boolean =>
  calls.length > 1 &&
  canPrefill(chat) &&
  (model.family?.canResume({ resolved: model.resolved, chat }) ?? true);

type Shown = { readonly reply: UpstreamReply; readonly body: BodyTransfer['body'] };

async function responseOf(
  exchange: Attempted,
  { reply, body }: Shown,
  { clock }: Deps,
): Promise<Response> {
  const { status } = reply;
  const { target } = exchange.outcome;
  if (body === null) return jsonResponse(badGateway);
  // Our account with the provider is empty, or closed to us: not the client's concern.
  if (isKeyRejected(status) && target.kind === 'platform') return jsonResponse(platformKeyRejected);
  if (status === 402 && target.kind === 'platform') return jsonResponse(temporarilyUnavailable);
  const retryAfter = retryAfterOf(reply, clock.now());
  const retry = retryAfter === null ? {} : { 'retry-after': retryAfter };
  const words = status < 400 ? null : await readableErrorOf(exchange, status);
  if (words !== null) {
    return jsonResponse({ status, body: { error: words, message: words }, headers: retry });
  }
  const isUnnamed = isStealth(exchange.model);
  const headers = publicHeadersOf(reply.headers, isUnnamed);
  if (!isUnnamed) headers.set('x-gateway-provider', target.provider);
  if (status >= 400) headers.set('content-type', 'application/json');
  if (retryAfter !== null) headers.set('retry-after', retryAfter);
  return new Response(body, { status, headers });
}

function unanswered(
  outcome: Exclude<Attempted['outcome'], { kind: 'answered' }>,
  { clock }: Deps,
): Relayed {
  const facts = { status: null, headersAt: null, startedAt: null, endedAt: clock.now(), outcome };
  const { ending } = outcome;
  const passed = { accumulated: emptyAccumulator, ending, errorText: null, replyText: null };
  const reading = Promise.resolve(exchangeResultOf({ ...facts, ...passed }));
  return { response: jsonResponse(badGateway), result: reading };
}

type TransferDeps = StreamDeps & Parameters<typeof relayJson>[1] & { readonly isGarbled: boolean };

/** By what was sent, not by what was asked for: a refused stream is answered with JSON. */
function bodyTransferOf(
  reply: UpstreamReply,
  needs: TransferDeps,
): BodyTransfer | Promise<BodyTransfer> {
  const { rewriting } = needs;
  if (reply.status >= 400) {
    return relayError(reply, { ...needs, shown: rewriting?.answer ?? withoutAccount });
  }
  const type = reply.headers.get('content-type') ?? '';
  if (!type.includes('text/event-stream')) return relayJson(reply, needs);
  if (rewriting) return relayRewritten(reply, { ...needs, rewriting });
  return needs.isGarbled
    ? relayRewritten(reply, { ...needs, rewriting: unchanged })
    : relayStream(reply, needs);
}

/** What can be read of a stream is passed on, and nothing else. */
const unchanged = { chunk: (chunk: Fields) => chunk };

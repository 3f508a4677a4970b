import type { Clock } from '@gateway/worker-utils/time';
import type { Attempted, UpstreamReply } from '../exchange.ts';
import { isStealth } from '../models/catalogue.ts';
import { badGateway, temporarilyUnavailable, written } from '../render.ts';
import { withoutAccount } from '../rewrite/account.ts';
import { rewritingOf } from '../rewrite/rewriting.ts';
import { errorChunk } from './error-chunk.ts';
import { generationName } from './generation-name.ts';
import { priced } from './priced.ts';
import { publicHeadersOf } from './public-headers.ts';
import { type Ending, type Reading, readingOf } from './reading.ts';
import { readableErrorOf } from './readable-error.ts';
import { relayError } from './relay-error.ts';
import { relayJson } from './relay-json.ts';
import { relayRewritten } from './relay-rewritten.ts';
import { relayStream, type StreamNeeds } from './relay-stream.ts';
import { retryAfterOf } from './retry-after.ts';
import { emptyTally } from './tally.ts';

/** The client's response, and what is read off it. There is no way to get the first without the second. */
export type Relayed = {
  readonly response: Response;
  readonly reading: Promise<Reading>;
  /** The provider's name for the answer, as soon as it is known. Null: it ended without one. */
  readonly generation: Promise<string | null>;
};

/** A body on its way to the client, and what it turns out to be when it has ended. */
export type Passage = {
  readonly body: ReadableStream<Uint8Array> | Uint8Array | null;
  readonly end: Promise<Passed>;
};
export type Passed = Pick<Reading, 'tally' | 'ending' | 'errorText' | 'replyText'>;

/** Resolves after `ms`, or as soon as the signal fires. */
export type Pause = (ms: number, signal: AbortSignal) => Promise<void>;
type Needs = { readonly clock: Clock; readonly pause: Pause };
/** Whether the text of the reply is wanted afterwards. It costs memory, so that few ask for it. */
type Wishes = { readonly isReplyKept: boolean };

export async function relay(
  exchange: Attempted,
  needs: Needs,
  { isReplyKept }: Wishes,
): Promise<Relayed> {
  const { outcome, arrival, model } = exchange;
  if (outcome.kind === 'exhausted') return unanswered(outcome.ending, needs);

  const { reply } = outcome;
  const rewriting = rewritingOf(exchange);
  const named = Promise.withResolvers<string | null>();
  const fromHeader = generationName(reply.headers);
  if (fromHeader !== null) named.resolve(fromHeader);
  const passage = await passageOf(reply, {
    left: arrival.left,
    pause: needs.pause,
    heldMs: needs.clock.now() - reply.at,
    isReplyKept,
    rewriting,
    onGeneration: named.resolve,
    errorOf: ({ generation }) =>
      errorChunk({
        id: (isStealth(model) ? null : generation) ?? arrival.id,
        model: model.resolved,
        at: needs.clock.now(),
      }),
  });
  const reading = passage.end.then((passed) => {
    // An answer that broke off before its first event can still be asked for by the name in its header.
    const generation = passed.tally.generation ?? fromHeader;
    named.resolve(generation);
    return readingOf({
      ...passed,
      tally: { ...passed.tally, generation, usage: priced(passed.tally.usage, outcome.target) },
      status: reply.status,
      headersAt: reply.at,
      endedAt: needs.clock.now(),
    });
  });
  const response = await responseOf(exchange, { reply, body: passage.body }, needs);
  return { response, reading, generation: named.promise };
}

type Shown = { readonly reply: UpstreamReply; readonly body: Passage['body'] };

async function responseOf(
  exchange: Attempted,
  { reply, body }: Shown,
  { clock }: Needs,
): Promise<Response> {
  const { status } = reply;
  const { target } = exchange.outcome;
  if (body === null) return written(badGateway);
  // Our account with the provider is empty: not the client's concern.
  if (status === 402 && target.kind === 'house') return written(temporarilyUnavailable);
  const retryAfter = retryAfterOf(reply, clock.now());
  const retry = retryAfter === null ? {} : { 'retry-after': retryAfter };
  const words = status < 400 ? null : await readableErrorOf(exchange, status);
  if (words !== null) {
    return written({ status, body: { error: words, message: words }, headers: retry });
  }
  const isUnnamed = isStealth(exchange.model);
  const headers = publicHeadersOf(reply.headers, isUnnamed);
  if (!isUnnamed) headers.set('x-gateway-provider', target.provider);
  if (retryAfter !== null) headers.set('retry-after', retryAfter);
  return new Response(body, { status, headers });
}

function unanswered(ending: Ending, { clock }: Needs): Relayed {
  const facts = { status: null, headersAt: null, endedAt: clock.now() };
  const passed = { tally: emptyTally, ending, errorText: null, replyText: null };
  const reading = Promise.resolve(readingOf({ ...facts, ...passed }));
  return { response: written(badGateway), reading, generation: Promise.resolve(null) };
}

type PassageNeeds = StreamNeeds & Parameters<typeof relayJson>[1];

/** By what was sent, not by what was asked for: a refused stream is answered with JSON. */
function passageOf(reply: UpstreamReply, needs: PassageNeeds): Passage | Promise<Passage> {
  const { rewriting } = needs;
  if (reply.status >= 400) {
    return relayError(reply, { ...needs, shown: rewriting?.answer ?? withoutAccount });
  }
  const type = reply.headers.get('content-type') ?? '';
  if (!type.includes('text/event-stream')) return relayJson(reply, needs);
  return rewriting ? relayRewritten(reply, { ...needs, rewriting }) : relayStream(reply, needs);
}

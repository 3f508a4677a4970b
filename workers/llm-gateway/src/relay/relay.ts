import type { Clock } from '@gateway/worker-utils/time';
import type { Attempted, UpstreamReply } from '../exchange.ts';
import { badGateway, temporarilyUnavailable, written } from '../render.ts';
import { errorEvent } from './error-event.ts';
import { publicHeadersOf } from './public-headers.ts';
import { type Ending, type Reading, readingOf } from './reading.ts';
import { relayError } from './relay-error.ts';
import { relayJson } from './relay-json.ts';
import { relayStream } from './relay-stream.ts';
import { emptyTally, type Tally } from './tally.ts';

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
  const { outcome } = exchange;
  if (outcome.kind === 'exhausted') return unanswered(outcome.ending, needs);

  const { reply, target } = outcome;
  const { left } = exchange.arrival;
  const errorOf = ({ generation }: Tally) =>
    errorEvent({
      id: generation ?? exchange.arrival.id,
      model: exchange.model.resolved,
      at: needs.clock.now(),
    });
  const named = Promise.withResolvers<string | null>();
  const fromHeader = reply.headers.get('x-generation-id');
  if (fromHeader !== null) named.resolve(fromHeader);
  const asked = { left, pause: needs.pause, isReplyKept, onGeneration: named.resolve };
  const passage = await passageOf(reply, { ...asked, errorOf });
  const { promise: generation } = named;
  const reading = passage.end.then((passed) => {
    named.resolve(passed.tally.generation);
    return readingOf({
      ...passed,
      status: reply.status,
      headersAt: reply.at,
      endedAt: needs.clock.now(),
    });
  });
  if (passage.body === null) return { response: written(badGateway), reading, generation };
  // Our account with the provider is empty: not the client's concern.
  if (reply.status === 402)
    return { response: written(temporarilyUnavailable), reading, generation };
  const headers = publicHeadersOf(reply.headers);
  headers.set('x-gateway-provider', target.provider);
  const { status } = reply;
  return { response: new Response(passage.body, { status, headers }), reading, generation };
}

function unanswered(ending: Ending, { clock }: Needs): Relayed {
  const facts = { status: null, headersAt: null, endedAt: clock.now() };
  const passed = { tally: emptyTally, ending, errorText: null, replyText: null };
  const reading = Promise.resolve(readingOf({ ...facts, ...passed }));
  return { response: written(badGateway), reading, generation: Promise.resolve(null) };
}

/** By what was sent, not by what was asked for: a refused stream is answered with JSON. */
function passageOf(
  reply: UpstreamReply,
  needs: Parameters<typeof relayStream>[1],
): Passage | Promise<Passage> {
  if (reply.status >= 400) return relayError(reply, needs);
  const type = reply.headers.get('content-type') ?? '';
  return type.includes('text/event-stream') ? relayStream(reply, needs) : relayJson(reply, needs);
}

import type { ByteBudget } from '@gateway/worker-utils/byte-budget';
import { ownSignal, type Signal } from '@gateway/worker-utils/own-signal';
import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAI } from '@ai-sdk/openai';
import type { LanguageModelV4, LanguageModelV4StreamPart } from '@ai-sdk/provider';
import { completionOf } from '../../upstream/custom-llm/completion.ts';
import type { CustomCall } from '../../upstream/custom-llm/custom-call.ts';
import type { Endpoint } from '../../upstream/custom-llm/endpoint.ts';
import { type Failure, failureOf } from '../../upstream/custom-llm/failure.ts';
import {
  type Owner,
  type PhasedMessage,
  phasedMessageIn,
  phasedMessagesOf,
} from '../../upstream/custom-llm/phases.ts';
import { failedChunk, noProgress, tell } from '../../upstream/custom-llm/stream-chunks.ts';
import { customLlmError, jsonResponse } from '../../response/render-refusal.ts';
import { boundedAnswer } from './bounded-answer.ts';

type Needs = {
  /** Never waited for. */
  readonly rememberPhase: (owner: Owner, message: PhasedMessage) => void;
  readonly pause: (ms: number, signal: Signal) => Promise<void>;
  /** Of what is held of all answers of custom LLMs. */
  readonly tenantAnswers: ByteBudget;
};

/** How long an answer is waited for, to answer an error with its status. Then its headers are sent, and an error is an event. */
const FIRST_CHUNK_MS_MAX = 15_000;

/**
 * Asks a custom LLM, and answers as OpenRouter would. The models are called without the SDK's own loop round them: that
 * would try again by a policy of its own, download what a message names, and take an error for the end of an answer.
 */
export const customLlmSdk =
  (needs: Needs) =>
  async (call: CustomCall, signal: AbortSignal): Promise<Response> => {
    try {
      return call.isStreamed
        ? await streamed(call, signal, needs)
        : await whole(call, signal, needs);
    } catch (cause) {
      const failure = failureOf(cause, call.endpoint.apiKey);
      if (!failure) throw cause;
      return refused(failure);
    }
  };

/**
 * Redirects are not followed: a key must not travel to a host that nobody configured. The SDK holds a whole answer or a whole
 * event, however long: it gets no more than we hold ourselves.
 */
const fetchWithin =
  ({ pause, tenantAnswers: budget }: Needs) =>
  async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    // oxlint-disable-next-line eslint/no-restricted-globals -- This is a port that calls out.
    const response = await fetch(input, { ...init, redirect: 'manual' });
    return boundedAnswer(response, init?.signal ?? null, { pause, budget });
  };

function modelAt(endpoint: Endpoint, needs: Needs): LanguageModelV4 {
  const { protocol, baseUrl, apiKey, internalId } = endpoint;
  const settings = { baseURL: baseUrl, apiKey, fetch: fetchWithin(needs) };
  switch (protocol) {
    case 'anthropic':
      return createAnthropic(settings).messages(internalId);
    case 'openai':
      return createOpenAI(settings).responses(internalId);
  }
}

const refused = ({ status, message, retry }: Failure): Response =>
  jsonResponse({ ...customLlmError(status, message), headers: retry });

async function whole(call: CustomCall, signal: AbortSignal, needs: Needs): Promise<Response> {
  const model = modelAt(call.endpoint, needs);
  const result = await model.doGenerate({ ...call.options, abortSignal: signal });
  for (const message of phasedMessagesOf(result.content)) needs.rememberPhase(call.owner, message);
  return Response.json(completionOf(result, call.dialect));
}

async function streamed(call: CustomCall, signal: AbortSignal, needs: Needs): Promise<Response> {
  const model = modelAt(call.endpoint, needs);
  const { stream } = await model.doStream({ ...call.options, abortSignal: signal });
  const events = eventsOf(stream, call, needs);
  const first = events.next();
  const waiting = ownSignal();
  const late = needs.pause(FIRST_CHUNK_MS_MAX, waiting.signal).then(() => null);
  const early = await Promise.race([first, late]).finally(() => waiting.abort());
  if (early?.done === false && early.value.kind === 'failed') {
    await events.return('finished');
    return refused(early.value.failure);
  }
  return new Response(bodyOf(first, events), { headers: { 'content-type': 'text/event-stream' } });
}

type Event = { readonly chunk: object } & (
  | { readonly kind: 'chunk' }
  | { readonly kind: 'failed'; readonly failure: Failure }
);
type Events = AsyncGenerator<Event, 'finished' | 'cut', undefined>;

/** What a client is told, an event each. Whoever stops listening ends the call. */
async function* eventsOf(
  stream: ReadableStream<LanguageModelV4StreamPart>,
  { dialect, endpoint, owner }: CustomCall,
  needs: Needs,
): Events {
  const reader = stream.getReader();
  let progress = noProgress;
  let isFinished = false;
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      if (read.value.type === 'raw') {
        const message = phasedMessageIn(read.value.rawValue);
        if (message) needs.rememberPhase(owner, message);
      }
      const told = tell(read.value, progress, dialect);
      switch (told.kind) {
        case 'nothing':
          progress = told.progress;
          break;
        case 'chunk':
          progress = told.progress;
          isFinished = read.value.type === 'finish';
          yield { kind: 'chunk', chunk: told.chunk };
          break;
        case 'cut':
          return 'cut';
        case 'failed': {
          const failure = failureOf(told.cause, endpoint.apiKey) ?? UNKNOWN;
          yield { kind: 'failed', failure, chunk: failedChunk(failure, progress, dialect) };
          return 'finished';
        }
      }
    }
    return isFinished ? 'finished' : 'cut';
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

const UNKNOWN: Failure = {
  status: 500,
  message: 'The model endpoint failed.',
  raw: null,
  retry: {},
};

/** A body that ends without `[DONE]` has been cut, and whoever relays it says so. As one that breaks. */
function bodyOf(
  first: Promise<IteratorResult<Event, 'finished' | 'cut'>>,
  events: Events,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const bytesOf = (data: string): Uint8Array => encoder.encode(`data: ${data}\n\n`);
  let next: typeof first | null = first;
  return new ReadableStream({
    type: 'bytes',
    async pull(controller) {
      const event = await (next ?? events.next());
      next = null;
      if (event.done !== true)
        return controller.enqueue(bytesOf(JSON.stringify(event.value.chunk)));
      if (event.value === 'finished') controller.enqueue(bytesOf('[DONE]'));
      controller.close();
      controller.byobRequest?.respond(0);
    },
    async cancel() {
      await events.return('cut');
    },
  });
}

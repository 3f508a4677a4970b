import type { ByteBudget } from '@gateway/worker-utils/byte-budget';
import { joinBytes } from '@gateway/worker-utils/bytes';
import { parseJson } from '@gateway/worker-utils/json';
import { ownSignal, type Signal } from '@gateway/worker-utils/own-signal';
import { HELD_BYTES_MAX } from '../../response/answer-limits.ts';
import { eventParser } from '../../response/event-parser.ts';
import { isAnswer } from '../../response/failure-in.ts';
import type { Silence } from '../../response/silence.ts';
import { isRecord } from '../../request/chat-request.ts';
import { type Detected, detectFirstToken } from './detect-first-token.ts';

/** What came of an answer before it was known to be one, and what is still to come. */
type FirstTokenRead<Shown> = {
  readonly bytes: readonly Uint8Array[];
  readonly rest: ReadableStream<Uint8Array>;
  /** `nothing`: it ended or broke before it had begun. */
  readonly detected: Shown;
};

/** Beyond it, an answer is passed on whether it shows something or not. */
const HELD_STREAM_BYTES_MAX = 64 * 1024;
/** Of the time that a whole answer may be held for, `relay` takes what is left. */
const HELD_JSON_MS_MAX = 20_000;

type StreamNeeds = Pick<JsonNeeds, 'pause'> & {
  /** Hears of the provider's name for the answer, once: a client may leave before it has shown anything. */
  readonly onGeneration: (name: string) => void;
  /** Until something is shown, only comments come: they say that it is at work. */
  readonly silence: Silence;
  /** Ends the exchange with the upstream. */
  readonly abort: () => void;
};
type JsonNeeds = {
  /** Resolves after `ms`, or as soon as the signal fires. */
  readonly pause: (ms: number, signal: Signal) => Promise<void>;
  /** Of what is held of all answers. One that is told to let go is passed on as it comes. */
  readonly heldAnswers: ByteBudget;
};

/** Reads a stream until it shows something: up to there, another one can still take its place. */
export async function streamBeginningOf(
  body: ReadableStream<Uint8Array>,
  needs: StreamNeeds,
): Promise<FirstTokenRead<Detected | { readonly kind: 'silent' }>> {
  const reader = body.getReader();
  const sniffer = snifferOf(needs.onGeneration);
  const bytes: Uint8Array[] = [];
  let held = 0;
  try {
    for (;;) {
      const { seconds, thinkingSeconds } = needs.silence;
      const limitSeconds = held > 0 ? thinkingSeconds : seconds;
      const read = await readInTime(reader, { ...needs, limitMs: limitSeconds * 1000 });
      if (read === 'silent') return { bytes, rest: body, detected: { kind: 'silent' } };
      if (read.done) return { bytes, rest: body, detected: { kind: 'nothing' } };
      bytes.push(read.value);
      held += read.value.byteLength;
      const sign = sniffer(read.value);
      if (sign.kind !== 'nothing') return { bytes, rest: body, detected: sign };
      if (held > HELD_STREAM_BYTES_MAX) return { bytes, rest: body, detected: { kind: 'answer' } };
    }
  } catch {
    return { bytes, rest: body, detected: { kind: 'nothing' } };
  } finally {
    reader.releaseLock();
  }
}

/** Remembers the first sign in whatever pieces a stream comes. */
function snifferOf(onGeneration: (name: string) => void): (bytes: Uint8Array) => Detected {
  const decoder = new TextDecoder();
  let sign: Detected = { kind: 'nothing' };
  let name: string | null = null;
  const parser = eventParser({
    onEvent({ data }) {
      if (sign.kind !== 'nothing') return;
      const json = parseJson(data);
      if (!json.ok) return;
      sign = detectFirstToken(json.value);
      if (name !== null || !isRecord(json.value) || typeof json.value['id'] !== 'string') return;
      name = json.value['id'];
      if (name !== '') onGeneration(name);
    },
  });
  return (bytes) => {
    parser.feed(decoder.decode(bytes, { stream: true }));
    return sign;
  };
}

/** The same of a JSON answer: it shows nothing before it is whole. One that takes too long counts as an answer. */
export async function jsonBeginningOf(
  body: ReadableStream<Uint8Array>,
  { pause, heldAnswers }: JsonNeeds,
): Promise<FirstTokenRead<Detected>> {
  const reader = body.getReader();
  const holding = heldAnswers.open();
  const bytes: Uint8Array[] = [];
  let held = 0;
  const waiting = ownSignal();
  const isLate = pause(HELD_JSON_MS_MAX, waiting.signal).then(() => null);
  let next = reader.read();
  try {
    for (;;) {
      const read = await Promise.race([next, isLate, holding.revoked]);
      if (read === null || read === 'revoked' || held > HELD_BYTES_MAX) {
        return { bytes, rest: resumed(reader, next), detected: { kind: 'answer' } };
      }
      if (read.done) {
        reader.releaseLock();
        return { bytes, rest: body, detected: signOfWhole(bytes) };
      }
      bytes.push(read.value);
      held += read.value.byteLength;
      holding.hold(held);
      next = reader.read();
    }
  } catch {
    reader.releaseLock();
    return { bytes, rest: body, detected: { kind: 'nothing' } };
  } finally {
    holding.release();
    waiting.abort();
  }
}

function signOfWhole(bytes: readonly Uint8Array[]): Detected {
  const json = parseJson(new TextDecoder().decode(joinBytes(bytes)));
  if (!json.ok || !isRecord(json.value)) return { kind: 'nothing' };
  const sign = detectFirstToken(json.value);
  return sign.kind === 'nothing' && isAnswer(json.value) ? { kind: 'answer' } : sign;
}

/** The stream that a reader was reading, from a read on that is still waited for. */
const resumed = (
  reader: ReadableStreamDefaultReader<Uint8Array>,
  next: Promise<ReadableStreamReadResult<Uint8Array>>,
): ReadableStream<Uint8Array> => {
  let reading = next;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await reading;
      if (done) return controller.close();
      controller.enqueue(value);
      reading = reader.read();
    },
    cancel: (reason) => reader.cancel(reason),
  });
};

/** One that stays silent too long is ended. */
async function readInTime(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  { pause, abort, limitMs }: StreamNeeds & { readonly limitMs: number },
): Promise<ReadableStreamReadResult<Uint8Array> | 'silent'> {
  const reading = reader.read();
  const waiting = ownSignal();
  const isSilent = pause(limitMs, waiting.signal).then(() => 'silent' as const);
  const read = await Promise.race([reading, isSilent]).finally(() => waiting.abort());
  if (read !== 'silent') return read;
  abort();
  // The reader is not given back before it has nothing left to wait for.
  await reading.catch(() => undefined);
  return read;
}

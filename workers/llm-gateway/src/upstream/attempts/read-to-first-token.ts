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

/** The bytes read before the first token was detected, and the rest of the body. */
type FirstTokenRead<Shown> = {
  readonly bytes: readonly Uint8Array[];
  readonly rest: ReadableStream<Uint8Array>;
  /** `nothing`: the body ended or broke before a first token. */
  readonly detected: Shown;
};

/** A longer beginning is delivered even without a first token. */
const HELD_STREAM_BYTES_MAX = 64 * 1024;
/** Part of the time that a whole answer may be held; `relay` uses the rest. */
const HELD_JSON_MS_MAX = 20_000;

type StreamNeeds = Pick<JsonNeeds, 'pause'> & {
  /** Called once with the generation id, because a client may leave before the first token. */
  readonly onGeneration: (name: string) => void;
  /** Before the first token, providers send only comments as keep-alives. */
  readonly silence: Silence;
  /** Ends the exchange with the upstream. */
  readonly abort: () => void;
};
type JsonNeeds = {
  /** Resolves after `ms`, or as soon as the signal fires. */
  readonly pause: (ms: number, signal: Signal) => Promise<void>;
  /** Shared by all held answers. An answer whose budget is revoked is delivered as it arrives. */
  readonly heldAnswers: ByteBudget;
};

/** Reads a stream up to its first token: until then another attempt can replace this one. */
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

/** Keeps the first detection, however the stream is split into chunks. */
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

/** The same for a JSON answer, which is complete or nothing. One that takes too long counts as an answer. */
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

/** Turns a reader with a pending read back into a stream. */
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

/** Aborts the upstream when it stays silent for too long. */
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
  // The lock can only be released once no read is pending.
  await reading.catch(() => undefined);
  return read;
}

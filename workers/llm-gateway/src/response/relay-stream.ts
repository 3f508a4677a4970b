import { joinBytes } from '@gateway/worker-utils/bytes';
import { ownSignal } from '@gateway/worker-utils/own-signal';
import type { Clock } from '@gateway/worker-utils/time';
import { closedAs, closeEvent } from './resume/close-event.ts';
import { resumeStream } from './resume/resume-stream.ts';
import { type ErrorChunk } from './resume/error-chunk.ts';
import { emptyTail, extendTail, type Tail } from './resume/tail.ts';
import type { Interruption, UpstreamReply } from '../exchange/exchange.ts';
import { keptReply, type KeptText } from './kept-text.ts';
import { writeText } from './write-coalescer.ts';
import type { PumpResult } from './event-pump.ts';
import {
  type Identity,
  resumePointOf,
  type DeliveryWatcher,
  deliveryWatcher,
} from './resume/delivered.ts';
import type { Fields } from './rewrite/public-view.ts';
import { openingOf } from './opening.ts';
import { failedChunk } from './failed-chunk.ts';
import type { BodyTransfer, TransferResult, Pause } from './relay.ts';
import { initialPacing, isAhead, type ReadPacing, pacingAfter } from './tee-back-pressure.ts';
import { type UsageReader, sseUsageReader } from './usage-reader.ts';
import { emptyAccumulator, type UsageAccumulator } from './usage-accumulator.ts';
import { verdictOf } from './verdict.ts';
import { type StreamActivity, newActivity, watchForStall } from './stall-watch.ts';

/** Enough for the events of one tick. Must exceed what `tee()` fetches at once, or back-pressure could not be measured. */
const BUFFER_BYTES = 32 * 1024;
/** Longer strings survive longer in the garbage collector. */
const SLICE_BYTES = 16 * 1024;
/** For fast answers: one read takes everything that arrived since the last. */
const BUFFER_BYTES_FAST = 256 * 1024;

export type StreamDeps = {
  readonly clientSignal: AbortSignal;
  readonly clock: Clock;
  readonly pause: Pause;
  readonly keepsReply: boolean;
  readonly onGeneration: (name: string) => void;
  /** The error for a cut answer, under the model name that the client knows. */
  readonly errorOf: (known: Identity | null, tally: UsageAccumulator) => ErrorChunk;
  /** Whether another attempt could resume in the middle of a text. */
  readonly keepsText: boolean;
  /** The identity of an answer that broke off before sending one. */
  readonly defaultIdentity: () => Identity;
  /** Starts another attempt, to replace a broken answer or to continue it. */
  readonly resume: (broken: Interruption) => Promise<UpstreamReply | null>;
};

/**
 * Passes an event stream through natively, byte for byte, and reads a copy in ticks: no JavaScript runs for an event on
 * its way to the client, and a slow reader of the copy does not delay the client.
 */
export function relayStream(reply: UpstreamReply, needs: StreamDeps): BodyTransfer {
  const kept = keptReply(needs.keepsReply);
  const watcher = deliveryWatcher(needs);
  const life = newActivity();
  const meter = sseUsageReader({ kept, watcher, life, onGeneration: needs.onGeneration });
  if (!reply.body) {
    const facts = {
      accumulated: meter.end(),
      ending: 'cut',
      errorText: null,
      replyText: null,
    } as const;
    return { body: null, end: Promise.resolve(facts) };
  }
  const [shown, copied] = reply.body.tee();
  const { readable, writable } = new IdentityTransformStream();
  const piped = ownSignal();
  const failed = failedIn(watcher, needs);
  const passing = pass(shown, writable, { ...reply, failed }).finally(() => piped.abort());
  const metered = ownSignal();
  const rest = (ms: number) => needs.pause(ms, piped.signal);
  const metering = drain(copied, { begun: reply.readAhead, meter, life, rest }).finally(() =>
    metered.abort(),
  );
  void watchForStall({ life, reply, pause: needs.pause, ended: metered.signal });
  return {
    body: readable,
    end: endOf({ passing, metering, life, writable, watcher, kept }, needs),
  };
}

type Piped = 'upstream-ended' | 'upstream-broke' | 'client-left';

/** Pipes until either side ends. Leaves the client's side open: how it ends is decided after the copy is read. */
async function pass(
  shown: ReadableStream<Uint8Array>,
  writable: WritableStream<Uint8Array>,
  { readAhead, abort, failed }: Opened & Pick<UpstreamReply, 'abort'>,
): Promise<Piped> {
  try {
    await open(shown, writable, { readAhead, failed });
    await shown.pipeTo(writable, { preventClose: true, preventAbort: true });
    return 'upstream-ended';
  } catch {
    const isClientThere = isWritable(writable);
    abort();
    return isClientThere ? 'upstream-broke' : 'client-left';
  }
}

type Opened = Pick<UpstreamReply, 'readAhead'> & {
  /** The client's view of an event that reports a failure. */
  readonly failed: (chunk: Fields) => Fields;
};

/** Inspects the events before the first token, then hands over to the native pipe. */
async function open(
  shown: ReadableStream<Uint8Array>,
  writable: WritableStream<Uint8Array>,
  { readAhead, failed }: Opened,
): Promise<void> {
  const opening = openingOf(failed);
  const reader = shown.getReader();
  try {
    let bytes = opening.feed(joinBytes(readAhead));
    for (;;) {
      if (bytes.byteLength > 0) await write(writable, bytes);
      if (opening.isOver()) return;
      const read = await reader.read();
      if (read.done) return;
      bytes = opening.feed(read.value);
    }
  } finally {
    reader.releaseLock();
    const rest = opening.rest();
    if (rest.byteLength > 0) await write(writable, rest);
  }
}

async function write(writable: WritableStream<Uint8Array>, bytes: Uint8Array): Promise<void> {
  const writer = writable.getWriter();
  try {
    await writer.write(bytes);
  } finally {
    writer.releaseLock();
  }
}

function isWritable(writable: WritableStream<Uint8Array>): boolean {
  const writer = writable.getWriter();
  // Null: the other end has been cancelled.
  const isOpen = writer.desiredSize !== null;
  writer.releaseLock();
  return isOpen;
}

type Metered = { readonly tally: UsageAccumulator; readonly tail: Tail };
type Drain = {
  readonly begun: readonly Uint8Array[];
  readonly meter: UsageReader;
  readonly life: StreamActivity;
  readonly rest: (ms: number) => Promise<void>;
};

async function drain(
  copied: ReadableStream<Uint8Array>,
  { begun, meter, life, rest }: Drain,
): Promise<Metered> {
  const reader = copied.getReader({ mode: 'byob' });
  for (const bytes of begun) meter.feed(bytes);
  let tail = begun.reduce(extendTail, emptyTail);
  let pace = initialPacing;
  let buffer = new Uint8Array(BUFFER_BYTES);
  try {
    for (;;) {
      life.isReading = true;
      const { done, value } = await reader.read(buffer);
      life.isReading = false;
      if (done) break;
      for (let at = 0; at < value.byteLength; at += SLICE_BYTES) {
        meter.feed(value.subarray(at, at + SLICE_BYTES));
      }
      tail = extendTail(tail, value);
      life.reads += 1;
      pace = pacingAfter(pace, value.byteLength);
      buffer = nextBuffer(value, pace);
      if (pace.restMs > 0) await rest(pace.restMs);
    }
  } catch {
    // The upstream broke or was aborted. What was read until then counts.
  }
  return { tally: meter.end(), tail };
}

/** Grows the buffer for fast clients and shrinks it for slow ones, because many slow clients may be open at once. */
function nextBuffer({ buffer, byteLength }: Uint8Array<ArrayBuffer>, pace: ReadPacing) {
  const isFull = byteLength === buffer.byteLength;
  const isLarge = buffer.byteLength > BUFFER_BYTES;
  if (isFull && !isLarge) return new Uint8Array(BUFFER_BYTES_FAST);
  return isLarge && isAhead(pace) ? new Uint8Array(BUFFER_BYTES) : new Uint8Array(buffer);
}

type Ends = {
  readonly passing: Promise<Piped>;
  readonly metering: Promise<Metered>;
  readonly life: StreamActivity;
  readonly writable: WritableStream<Uint8Array>;
  readonly watcher: DeliveryWatcher;
  readonly kept: KeptText;
};

async function endOf(ends: Ends, needs: StreamDeps): Promise<TransferResult> {
  const [passed, { tally, tail }] = await Promise.all([ends.passing, ends.metering]);
  const { life, watcher, kept, writable } = ends;
  const hasClientLeft = passed === 'client-left' || needs.clientSignal.aborted;
  const ending = verdictOf(tally, hasClientLeft);
  const pumped = {
    accumulated: tally,
    isClientConnected: !hasClientLeft,
    isStalled: life.isStalled,
  };
  if (ending === 'cut' && tail.bytes && resumePointOf(watcher.delivered()) !== undefined) {
    const carried = await carriedOn(pumped, { ...ends, tail: tail.bytes }, needs);
    if (carried) return carried;
  }
  const error = needs.errorOf(watcher.delivered().identity, tally);
  const isCut = ending === 'cut' && !tally.isClosed;
  const words = isCut && tail.bytes ? closeEvent(tail.bytes, error) : null;
  await conclude(writable, !isCut && ending !== 'client-left', words).catch(() => undefined);
  return { accumulated: tally, ending, errorText: null, replyText: kept.text() };
}

/** From here on JavaScript handles every event. Null if the partial event was the last one. */
async function carriedOn(
  pumped: PumpResult,
  {
    tail,
    watcher,
    writable,
    kept,
  }: Pick<Ends, 'watcher' | 'writable' | 'kept'> & { tail: Uint8Array },
  needs: StreamDeps,
): Promise<TransferResult | null> {
  const blank = blankChunk(watcher.delivered().identity ?? needs.defaultIdentity());
  const closed = closedAs(tail, blank);
  if (!closed || closed.as === 'end') return null;
  if (closed.as === 'chunk') watcher.see(blank);
  const writer = writable.getWriter();
  const isClientThere = await writeText(writer, closed.text);
  const carrying = { writer, watcher, kept, chunk: failedIn(watcher, needs) };
  return resumeStream({ ...pumped, isClientConnected: isClientThere }, carrying, needs);
}

/** Once JavaScript handles every event, errors among them can be rewritten. */
export const failedIn =
  (watcher: DeliveryWatcher, { errorOf }: StreamDeps) =>
  (chunk: Fields): Fields =>
    failedChunk(chunk, () => errorOf(watcher.delivered().identity, emptyAccumulator));

/** How to close the partial event of a broken answer. */
const blankChunk = ({ id, created, model }: Identity) => ({
  id,
  object: 'chat.completion.chunk',
  created,
  model,
  choices: [{ index: 0, delta: { content: '' }, finish_reason: null }],
});

/** A broken answer must not look complete: send an error, or break the transfer. */
async function conclude(
  writable: WritableStream<Uint8Array>,
  isWhole: boolean,
  words: string | null,
): Promise<void> {
  if (!isWhole && words === null) return await writable.abort();
  const writer = writable.getWriter();
  if (words !== null) await writer.write(new TextEncoder().encode(words));
  await writer.close();
}

import type { ByteBudget, Holding } from '@gateway/worker-utils/byte-budget';
import { joinBytes } from '@gateway/worker-utils/bytes';
import { parseJson } from '@gateway/worker-utils/json';
import { ownSignal } from '@gateway/worker-utils/own-signal';
import type { UpstreamReply } from '../exchange/exchange.ts';
import { isRecord } from '../request/chat-request.ts';
import type { Rewriting } from './rewrite/rewriting.ts';
import type { Fields } from './rewrite/public-view.ts';
import { withoutAccount } from './rewrite/account.ts';
import { abridgedJson } from './abridged-json.ts';
import { HELD_BYTES_MAX } from './answer-limits.ts';
import { isAnswer } from './failure-in.ts';
import { REPLY_CHARACTERS_MAX } from './kept-text.ts';
import type { BodyTransfer, TransferResult, Pause } from './relay.ts';
import { accumulate, emptyAccumulator } from './usage-accumulator.ts';

/** A reply is held until it is known to be whole. Beyond these it is passed on as it comes. */
const HELD_MS_MAX = 20_000;
/** Means nothing before JSON, and keeps a connection alive. */
const PADDING = new Uint8Array([10]);

type Needs = {
  /** Of what is held of all answers. One that is told to let go is passed on as it comes. */
  readonly heldAnswers: ByteBudget;
  readonly clientSignal: AbortSignal;
  readonly pause: Pause;
  /** So long it has been held already. */
  readonly heldMs: number;
  readonly keepsReply: boolean;
  /** Null: byte for byte. */
  readonly rewriting: Rewriting | null;
};

/**
 * Sends a JSON reply, padding included, once it has parsed: a cut one is never a 200. The padding exists to keep a
 * connection alive, so that a reply that takes long is passed on while it grows, and a cut then breaks the transfer.
 */
export async function relayJson(reply: UpstreamReply, needs: Needs): Promise<BodyTransfer> {
  if (!reply.body) return settled(judged([], needs));
  const reader = reply.body.getReader();
  const held = [...reply.readAhead];
  let bytes = bytesIn(held);
  const holding = needs.heldAnswers.open();
  holding.hold(bytes);
  const waiting = ownSignal();
  const isLate = needs
    .pause(Math.max(0, HELD_MS_MAX - needs.heldMs), waiting.signal)
    .then(() => 'late' as const);
  try {
    let reading = reader.read();
    for (;;) {
      const read = await Promise.race([reading, isLate, holding.revoked]);
      if (typeof read === 'string' || bytes > HELD_BYTES_MAX) {
        return passedOn(held, { reader, next: reading, abort: reply.abort, holding }, needs);
      }
      if (read.done) {
        holding.release();
        return settled(judged(held, needs));
      }
      held.push(read.value);
      bytes += read.value.byteLength;
      holding.hold(bytes);
      reading = reader.read();
    }
  } catch {
    holding.release();
    reply.abort();
    return settled({ ...judged(held, needs), shown: null });
  } finally {
    waiting.abort();
  }
}

/** `shown` is null where the reply is not whole. */
type Judged = { readonly passed: TransferResult; readonly shown: Uint8Array | null };

const settled = ({ passed, shown }: Judged): BodyTransfer => ({
  body: shown,
  end: Promise.resolve(passed),
});

function judged(chunks: readonly Uint8Array[], needs: Needs): Judged {
  const bytes = joinBytes(chunks);
  const text = new TextDecoder().decode(bytes);
  const json = parseJson(text);
  const value = json.ok ? json.value : null;
  const tally = accumulate(emptyAccumulator, value);
  const facts = {
    accumulated: tally,
    errorText: null,
    replyText: needs.keepsReply ? text.slice(0, REPLY_CHARACTERS_MAX) : null,
  };
  if (!isRecord(value) || !(isAnswer(value) || tally.isFailed)) {
    const ending = needs.clientSignal.aborted ? 'client-left' : 'cut';
    return { shown: null, passed: { ...facts, ending } };
  }
  const shown = shownOf(value, needs);
  return {
    shown: shown === value ? bytes : new TextEncoder().encode(JSON.stringify(shown)),
    // An answer names its model. What does not is an error in some shape that nobody knows.
    passed: { ...facts, ending: tally.isFailed || tally.model === null ? 'failed' : 'complete' },
  };
}

/** Of a reply that does not fit into memory, without its long strings. Null: without them, it doesn't either. */
function judgedShort(text: string | null, needs: Needs): TransferResult {
  if (text !== null)
    return { ...judged([new TextEncoder().encode(text)], needs).passed, replyText: null };
  return { accumulated: emptyAccumulator, ending: 'complete', errorText: null, replyText: null };
}

const shownOf = (answer: Fields, { rewriting }: Needs): Fields =>
  rewriting ? rewriting.answer(answer) : withoutAccount(answer);

type Source = {
  readonly reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly next: Promise<ReadableStreamReadResult<Uint8Array>>;
  readonly abort: () => void;
  readonly holding: Holding;
};

/** Not known to be whole, and too long to wait for. */
function passedOn(held: Uint8Array[], source: Source, needs: Needs): BodyTransfer {
  const { readable, writable } = new IdentityTransformStream();
  return { body: readable, end: pump(held, { source, writer: writable.getWriter() }, needs) };
}

type Pump = {
  readonly source: Source;
  readonly writer: WritableStreamDefaultWriter<Uint8Array>;
};

async function pump(
  kept: Uint8Array[],
  { source, writer }: Pump,
  needs: Needs,
): Promise<TransferResult> {
  // What is rewritten is known at its end only: until then, padding shows that it grows.
  const send = (chunk: Uint8Array) => writer.write(needs.rewriting ? PADDING : chunk);
  const { holding } = source;
  let short: ReturnType<typeof abridgedJson> | null = null;
  let bytes = bytesIn(kept);
  const isHeld = () => bytes <= HELD_BYTES_MAX && !holding.isRevoked();
  try {
    for (const chunk of kept) await send(chunk);
    for (let read = await source.next; !read.done; read = await source.reader.read()) {
      bytes += read.value.byteLength;
      holding.hold(bytes);
      if (isHeld()) kept.push(read.value);
      else if (needs.rewriting) throw new Error('The reply is too long to be rewritten.');
      else {
        short ??= abridgedJson();
        for (const chunk of [...kept.splice(0), read.value]) short.feed(chunk);
      }
      await send(read.value);
    }
    if (!isHeld()) {
      const passed = judgedShort(short?.text() ?? null, needs);
      if (passed.ending === 'cut') throw new Error('The reply is not whole.');
      await writer.close();
      return passed;
    }
    const { passed, shown } = judged(kept, needs);
    if (shown === null) throw new Error('The reply is not whole.');
    if (needs.rewriting) await writer.write(shown);
    await writer.close();
    return passed;
  } catch (cause) {
    source.abort();
    // The broken transfer is all that can still tell the client.
    await writer.abort(cause).catch(() => undefined);
    return { ...judged([], needs).passed };
  } finally {
    holding.release();
  }
}

const bytesIn = (chunks: readonly Uint8Array[]): number =>
  chunks.reduce((sum, { byteLength }) => sum + byteLength, 0);

import { joinBytes } from '@gateway/worker-utils/bytes';
import type { UpstreamReply } from '../exchange.ts';
import { REPLY_CHARACTERS_MAX } from './kept-text.ts';
import { tallyOfJson } from './meter.ts';
import type { Ending } from './reading.ts';
import type { Passage, Passed, Pause } from './relay.ts';
import type { Tally } from './tally.ts';

/** A reply is held until it is known to be whole. Beyond these it is passed on as it comes. */
const HELD_BYTES_MAX = 16 * 1024 * 1024;
const HELD_MS_MAX = 20_000;

type Needs = {
  readonly left: AbortSignal;
  readonly pause: Pause;
  readonly isReplyKept: boolean;
};

/**
 * Sends a JSON reply byte for byte, padding included, once it has parsed: a cut one is never a 200. The padding exists to
 * keep a connection alive, so that a reply that takes long is passed on while it grows, and a cut then breaks the transfer.
 */
export async function relayJson(reply: UpstreamReply, needs: Needs): Promise<Passage> {
  const passedOf = passedBy(needs);
  if (!reply.body) return { body: null, end: Promise.resolve(passedOf([])) };
  const reader = reply.body.getReader();
  const held: Uint8Array[] = [];
  let bytes = 0;
  const waiting = new AbortController();
  const isLate = needs.pause(HELD_MS_MAX, waiting.signal).then(() => 'late' as const);
  try {
    let reading = reader.read();
    for (;;) {
      const read = await Promise.race([reading, isLate]);
      if (read === 'late' || bytes > HELD_BYTES_MAX) {
        return passedOn(held, { reader, next: reading, abort: reply.abort }, passedOf);
      }
      if (read.done) {
        const passed = passedOf(held);
        const body = passed.ending === 'cut' ? null : joinBytes(held);
        return { body, end: Promise.resolve(passed) };
      }
      held.push(read.value);
      bytes += read.value.byteLength;
      reading = reader.read();
    }
  } catch {
    reply.abort();
    return { body: null, end: Promise.resolve(passedOf(held)) };
  } finally {
    waiting.abort();
  }
}

type PassedOf = (chunks: readonly Uint8Array[]) => Passed;

/** What is read off the chunks of a whole reply, or of one that broke off: that one does not parse. */
function passedBy({ left, isReplyKept }: Needs): PassedOf {
  return (chunks) => {
    const text = textOf(chunks);
    const tally = tallyOfJson(text);
    return {
      tally,
      ending: endingOf(tally, left),
      errorText: null,
      replyText: isReplyKept ? text.slice(0, REPLY_CHARACTERS_MAX) : null,
    };
  };
}

type Source = {
  readonly reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly next: Promise<ReadableStreamReadResult<Uint8Array>>;
  readonly abort: () => void;
};

/** Not known to be whole, and too long to wait for. What does not fit into memory is not read for its usage. */
function passedOn(held: readonly Uint8Array[], source: Source, passedOf: PassedOf): Passage {
  const { readable, writable } = new IdentityTransformStream();
  const end = (async () => {
    const writer = writable.getWriter();
    const kept = [...held];
    let bytes = held.reduce((sum, chunk) => sum + chunk.byteLength, 0);
    try {
      for (const chunk of held) await writer.write(chunk);
      for (let read = await source.next; !read.done; read = await source.reader.read()) {
        bytes += read.value.byteLength;
        if (bytes <= HELD_BYTES_MAX) kept.push(read.value);
        await writer.write(read.value);
      }
      await writer.close();
      return passedOf(bytes <= HELD_BYTES_MAX ? kept : []);
    } catch (cause) {
      source.abort();
      // The broken transfer is all that can still tell the client.
      await writer.abort(cause).catch(() => undefined);
      return passedOf([]);
    }
  })();
  return { body: readable, end };
}

function endingOf(tally: Tally, left: AbortSignal): Ending {
  if (tally.isFailed) return 'failed';
  if (tally.unreadableEvents === 0) return 'complete';
  return left.aborted ? 'client-left' : 'cut';
}

function textOf(chunks: readonly Uint8Array[]): string {
  const decoder = new TextDecoder();
  const text = chunks.map((chunk) => decoder.decode(chunk, { stream: true })).join('');
  return text + decoder.decode();
}

import { isRecord } from '../request/chat-request.ts';
import { parseJson } from '@gateway/worker-utils/json';
import { joinBytes } from '@gateway/worker-utils/bytes';
import type { UpstreamReply } from '../exchange.ts';
import type { Passage, Pause } from './relay.ts';
import { tallyOfJson } from './meter.ts';
import type { Ending } from './reading.ts';
import { type Tally } from './tally.ts';

/** A reply is held until it is known to be whole. Beyond these it is passed on as it comes. */
const HELD_BYTES_MAX = 16 * 1024 * 1024;
const HELD_MS_MAX = 20_000;

type Needs = { readonly left: AbortSignal; readonly pause: Pause };

/**
 * Sends a JSON reply byte for byte, padding included, once it has parsed: a cut one is never a 200. The padding exists to
 * keep a connection alive, so that a reply that takes long is passed on while it grows, and a cut then breaks the transfer.
 */
export async function relayJson(reply: UpstreamReply, needs: Needs): Promise<Passage> {
  if (!reply.body) return whole(new Uint8Array(), reply);
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
        return passedOn(held, { reader, next: reading }, { reply, left: needs.left });
      }
      if (read.done) return whole(joinBytes(held), reply);
      held.push(read.value);
      bytes += read.value.byteLength;
      reading = reader.read();
    }
  } catch {
    reply.abort();
    const ending: Ending = needs.left.aborted ? 'client-left' : 'cut';
    return { body: null, end: Promise.resolve({ tally: tallyOfBytes(held), ending }) };
  } finally {
    waiting.abort();
  }
}

function whole(bytes: Uint8Array, reply: UpstreamReply): Passage {
  const tally = tallyOfBytes([bytes]);
  const ending = endingOf(tally, reply.status);
  const body = reply.status >= 400 ? withoutAccount(bytes) : bytes;
  return { body: ending === 'cut' ? null : body, end: Promise.resolve({ tally, ending }) };
}

/** OpenRouter names the account that a refused request was for: ours. */
function withoutAccount(bytes: Uint8Array): Uint8Array {
  const json = parseJson(new TextDecoder().decode(bytes));
  if (!json.ok || !isRecord(json.value) || !('user_id' in json.value)) return bytes;
  const { user_id: _account, ...shown } = json.value;
  return new TextEncoder().encode(JSON.stringify(shown));
}

type Source = {
  readonly reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly next: Promise<ReadableStreamReadResult<Uint8Array>>;
};

/** Not known to be whole, and too long to wait for. What does not fit into memory is not read for its usage. */
function passedOn(
  held: readonly Uint8Array[],
  { reader, next }: Source,
  { reply, left }: { readonly reply: UpstreamReply; readonly left: AbortSignal },
): Passage {
  const { readable, writable } = new IdentityTransformStream();
  const end = (async () => {
    const writer = writable.getWriter();
    const kept = [...held];
    let bytes = held.reduce((sum, chunk) => sum + chunk.byteLength, 0);
    try {
      for (const chunk of held) await writer.write(chunk);
      for (let read = await next; !read.done; read = await reader.read()) {
        bytes += read.value.byteLength;
        if (bytes <= HELD_BYTES_MAX) kept.push(read.value);
        await writer.write(read.value);
      }
      await writer.close();
      const tally = tallyOfBytes(bytes <= HELD_BYTES_MAX ? kept : []);
      return { tally, ending: endingOf(tally, reply.status) };
    } catch (cause) {
      reply.abort();
      // The broken transfer is all that can still tell the client.
      await writer.abort(cause).catch(() => undefined);
      const ending: Ending = left.aborted ? 'client-left' : 'cut';
      return { tally: tallyOfBytes([]), ending };
    }
  })();
  return { body: readable, end };
}

function endingOf(tally: Tally, status: number): Ending {
  if (status >= 400 || tally.isFailed) return 'failed';
  return tally.unreadableEvents > 0 ? 'cut' : 'complete';
}

const tallyOfBytes = (chunks: readonly Uint8Array[]): Tally => {
  const decoder = new TextDecoder();
  const text = chunks.map((chunk) => decoder.decode(chunk, { stream: true })).join('');
  return tallyOfJson(text + decoder.decode());
};

import type { UpstreamReply } from '../exchange.ts';
import type { Ending } from './reading.ts';
import type { Passage, Pause } from './relay.ts';
import { type Meter, sseMeter } from './meter.ts';
import { type Tally } from './tally.ts';
import { verdictOf } from './verdict.ts';

/** How long the meter rests when it has caught up. Reading each event by itself costs twice as much. */
const TICK_MS = 100;
const METER_BUFFER_BYTES = 64 * 1024;

type Needs = { readonly left: AbortSignal; readonly pause: Pause };

/**
 * Passes an event stream through natively, byte for byte, and reads a copy in ticks: no JavaScript runs for an event on
 * its way to the client, and a slow reader of the copy delays nobody.
 */
export function relayStream(reply: UpstreamReply, needs: Needs): Passage {
  const meter = sseMeter();
  if (!reply.body) {
    return { body: null, end: Promise.resolve({ tally: meter.end(), ending: 'cut' }) };
  }
  const [shown, copied] = reply.body.tee();
  const { readable, writable } = new IdentityTransformStream();
  const piped = new AbortController();
  const passing = pass(shown, writable, reply).finally(() => piped.abort());
  const metering = drain(copied, meter, (ms) => needs.pause(ms, piped.signal));
  return { body: readable, end: endOf({ passing, metering, writable, left: needs.left }) };
}

type Passed = 'upstream-ended' | 'upstream-broke' | 'client-left';

/** Pipes until either side ends. What then happens to the client's side is decided when the copy has been read. */
async function pass(
  shown: ReadableStream<Uint8Array>,
  writable: WritableStream<Uint8Array>,
  reply: UpstreamReply,
): Promise<Passed> {
  try {
    await shown.pipeTo(writable, { preventClose: true, preventAbort: true });
    return 'upstream-ended';
  } catch {
    const isClientThere = isWritable(writable);
    reply.abort();
    return isClientThere ? 'upstream-broke' : 'client-left';
  }
}

function isWritable(writable: WritableStream<Uint8Array>): boolean {
  const writer = writable.getWriter();
  // Null: the other end has been cancelled.
  const isOpen = writer.desiredSize !== null;
  writer.releaseLock();
  return isOpen;
}

/** Reads until a read returns less than it could, then rests: by then there is more to read at once. */
async function drain(
  copied: ReadableStream<Uint8Array>,
  meter: Meter,
  rest: (ms: number) => Promise<void>,
): Promise<Tally> {
  const reader = copied.getReader({ mode: 'byob' });
  let buffer = new Uint8Array(METER_BUFFER_BYTES);
  try {
    for (;;) {
      const { done, value } = await reader.read(buffer);
      if (done) break;
      meter.feed(value);
      const hasCaughtUp = value.byteLength < METER_BUFFER_BYTES;
      buffer = new Uint8Array(value.buffer);
      if (hasCaughtUp) await rest(TICK_MS);
    }
  } catch {
    // The upstream broke, or was aborted: what was read until then counts.
  }
  return meter.end();
}

type Ends = {
  readonly passing: Promise<Passed>;
  readonly metering: Promise<Tally>;
  readonly writable: WritableStream<Uint8Array>;
  readonly left: AbortSignal;
};

async function endOf(ends: Ends): Promise<{ readonly tally: Tally; readonly ending: Ending }> {
  const [passed, tally] = await Promise.all([ends.passing, ends.metering]);
  const hasClientLeft = passed === 'client-left' || ends.left.aborted;
  const ending = verdictOf(tally, hasClientLeft);
  await conclude(ends.writable, ending);
  return { tally, ending };
}

/** An answer that broke off must not look like a whole one: the transfer breaks off too. */
async function conclude(writable: WritableStream<Uint8Array>, ending: Ending): Promise<void> {
  const isWhole = ending === 'complete' || ending === 'failed';
  await (isWhole ? writable.close() : writable.abort()).catch(() => undefined);
}

import type { UpstreamReply } from '../exchange.ts';
import type { Rewriting } from '../rewrite/rewriting.ts';
import { keptReply } from './kept-text.ts';
import type { Ending } from './reading.ts';
import type { Passage, Passed } from './relay.ts';
import type { StreamNeeds } from './relay-stream.ts';
import { END_OF_STREAM, rewriterOf } from './rewriter.ts';
import type { Tally } from './tally.ts';
import { verdictOf } from './verdict.ts';
import { type Life, newLife, watch } from './watch.ts';

type Needs = StreamNeeds & { readonly rewriting: Rewriting };

/** Passes an event stream on with every event rewritten, and read as it came. It is read no faster than the client reads. */
export function relayRewritten(reply: UpstreamReply, needs: Needs): Passage {
  const { readable, writable } = new IdentityTransformStream();
  const life = newLife();
  const ended = new AbortController();
  const end = pump({ reply, life, writable }, needs).finally(() => ended.abort());
  void watch({ life, reply, pause: needs.pause, ended: ended.signal });
  return { body: readable, end };
}

type Pumped = {
  readonly reply: UpstreamReply;
  readonly life: Life;
  readonly writable: WritableStream<Uint8Array>;
};

async function pump({ reply, life, writable }: Pumped, needs: Needs): Promise<Passed> {
  const kept = keptReply(needs.isReplyKept);
  const { rewriting, onGeneration } = needs;
  const rewriter = rewriterOf({ chunk: rewriting.chunk, kept, onGeneration });
  const reader = reply.body?.getReader();
  const writer = writable.getWriter();
  let isClientThere = await isSent(writer, reply.begun.map(rewriter.feed).join(''));
  for (let isOpen = true; isOpen && isClientThere;) {
    const bytes = await next(reader, life);
    isOpen = bytes !== null;
    isClientThere = await isSent(writer, bytes ? rewriter.feed(bytes) : rewriter.end());
  }
  if (!isClientThere) reply.abort();
  const tally = rewriter.tally();
  const ending = verdictOf(tally, !isClientThere || needs.left.aborted);
  if (isClientThere && (await isSent(writer, lastWords(ending, tally, needs)))) {
    await writer.close().catch(() => undefined);
  }
  return { tally, ending, errorText: null, replyText: kept.text() };
}

/** Null when there is no more to come, because it ended or because it broke off. */
async function next(
  reader: ReadableStreamDefaultReader<Uint8Array> | undefined,
  life: Life,
): Promise<Uint8Array | null> {
  if (!reader) return null;
  life.isReading = true;
  try {
    const { done, value } = await reader.read();
    life.reads += 1;
    return done ? null : value;
  } catch {
    return null;
  } finally {
    life.isReading = false;
  }
}

/** Waits until the client has taken it. False when the client has left. */
async function isSent(
  writer: WritableStreamDefaultWriter<Uint8Array>,
  text: string,
): Promise<boolean> {
  if (text === '') return true;
  try {
    await writer.write(new TextEncoder().encode(text));
    return true;
  } catch {
    return false;
  }
}

/** Exactly one end, whether the upstream sent one or not. */
function lastWords(ending: Ending, tally: Tally, { errorOf }: Needs): string {
  const end = `data: ${END_OF_STREAM}\n\n`;
  switch (ending) {
    case 'complete':
    case 'failed':
      return end;
    case 'cut':
    case 'unreachable':
      return `data: ${JSON.stringify(errorOf(tally))}\n\n${end}`;
    case 'client-left':
      return '';
  }
}

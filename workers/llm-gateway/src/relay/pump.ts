import { ownSignal } from '@gateway/worker-utils/own-signal';
import type { Clock } from '@gateway/worker-utils/time';
import type { UpstreamReply } from '../exchange.ts';
import type { Fields } from '../rewrite/shown.ts';
import type { ErrorChunk } from './error-chunk.ts';
import type { KeptText } from './kept-text.ts';
import type { Ending } from './reading.ts';
import type { Pause } from './relay.ts';
import { outboxOf, type Writer } from './outbox.ts';
import { END_OF_STREAM, rewriterOf } from './rewriter.ts';
import type { Watcher } from './shown.ts';
import type { Tally } from './tally.ts';
import { type Life, newLife, watch } from './watch.ts';

type Needs = {
  readonly clock: Clock;
  readonly pause: Pause;
  readonly writer: Writer;
  readonly kept: KeptText;
  readonly watcher: Watcher;
  /** What the client gets for a chunk. Null: nothing. */
  readonly chunk: (chunk: Fields) => Fields | null;
  readonly onGeneration: (name: string) => void;
};

export type Pumped = {
  readonly tally: Tally;
  readonly isClientThere: boolean;
  readonly isStalled: boolean;
};

/** Passes a stream on event by event, each as the client is to get it. It is read no faster than the client reads. */
export async function pump(reply: UpstreamReply, needs: Needs): Promise<Pumped> {
  const life = newLife();
  const ended = ownSignal();
  void watch({ life, reply, pause: needs.pause, ended: ended.signal });
  const outbox = outboxOf(needs);
  const rewriter = rewriterOf({ ...needs, life });
  const reader = reply.body?.getReader();
  let isClientThere = await outbox.put(reply.begun.map(rewriter.feed).join(''));
  for (let isOpen = true; isOpen && isClientThere;) {
    const bytes = await next(reader, life);
    isOpen = bytes !== null;
    isClientThere = await outbox.put(bytes ? rewriter.feed(bytes) : rewriter.end());
  }
  isClientThere = await outbox.empty();
  ended.abort();
  if (!isClientThere) reply.abort();
  return { tally: rewriter.tally(), isClientThere, isStalled: life.isStalled };
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

/** Exactly one end, whether the upstream sent one or not. */
export function lastWords(ending: Ending, error: () => ErrorChunk): string {
  const end = `data: ${END_OF_STREAM}\n\n`;
  switch (ending) {
    case 'complete':
    case 'failed':
      return end;
    case 'cut':
    case 'unreachable':
      return `data: ${JSON.stringify(error())}\n\n${end}`;
    case 'client-left':
      return '';
  }
}

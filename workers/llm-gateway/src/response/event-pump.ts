import { ownSignal } from '@gateway/worker-utils/own-signal';
import type { Clock } from '@gateway/worker-utils/time';
import type { UpstreamReply } from '../exchange/exchange.ts';
import type { Fields } from './rewrite/public-view.ts';
import type { ErrorChunk } from './resume/error-chunk.ts';
import type { KeptText } from './kept-text.ts';
import type { Ending } from './exchange-result.ts';
import type { Pause } from './relay.ts';
import { writeCoalescer, type Writer } from './write-coalescer.ts';
import { DONE_MARKER, eventRewriter } from './event-rewriter.ts';
import type { DeliveryWatcher } from './resume/delivered.ts';
import type { UsageAccumulator } from './usage-accumulator.ts';
import { type StreamActivity, newActivity, watchForStall } from './stall-watch.ts';

type Needs = {
  readonly clock: Clock;
  readonly pause: Pause;
  readonly writer: Writer;
  readonly kept: KeptText;
  readonly watcher: DeliveryWatcher;
  /** What the client gets for a chunk. Null: nothing. */
  readonly chunk: (chunk: Fields) => Fields | null;
  readonly onGeneration: (name: string) => void;
};

export type PumpResult = {
  readonly accumulated: UsageAccumulator;
  readonly isClientConnected: boolean;
  readonly isStalled: boolean;
};

/** Passes a stream on event by event, each as the client is to get it. It is read no faster than the client reads. */
export async function pump(reply: UpstreamReply, needs: Needs): Promise<PumpResult> {
  const life = newActivity();
  const ended = ownSignal();
  void watchForStall({ life, reply, pause: needs.pause, ended: ended.signal });
  const outbox = writeCoalescer(needs);
  const rewriter = eventRewriter({ ...needs, life });
  const reader = reply.body?.getReader();
  let isClientThere = await outbox.write(reply.readAhead.map(rewriter.feed).join(''));
  for (let isOpen = true; isOpen && isClientThere;) {
    const bytes = await next(reader, life);
    isOpen = bytes !== null;
    isClientThere = await outbox.write(bytes ? rewriter.feed(bytes) : rewriter.end());
  }
  isClientThere = await outbox.flush();
  ended.abort();
  if (!isClientThere) reply.abort();
  return {
    accumulated: rewriter.tally(),
    isClientConnected: isClientThere,
    isStalled: life.isStalled,
  };
}

/** Null when there is no more to come, because it ended or because it broke off. */
async function next(
  reader: ReadableStreamDefaultReader<Uint8Array> | undefined,
  life: StreamActivity,
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
export function streamEnd(ending: Ending, error: () => ErrorChunk): string {
  const end = `data: ${DONE_MARKER}\n\n`;
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

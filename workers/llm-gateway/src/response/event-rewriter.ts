import { parseJson } from '@gateway/worker-utils/json';
import { isRecord } from '../request/chat-request.ts';
import type { Fields } from './rewrite/public-view.ts';
import { eventParser } from './event-parser.ts';
import type { KeptText } from './kept-text.ts';
import type { DeliveryWatcher } from './resume/delivered.ts';
import { isThinkingAfter } from './silence.ts';
import { accumulate, emptyAccumulator, type UsageAccumulator } from './usage-accumulator.ts';
import type { StreamActivity } from './stall-watch.ts';

export const DONE_MARKER = '[DONE]';
/** Keeps a connection alive, whatever the upstream's own says. */
export const COMMENT = ': KILO PROCESSING\n\n';

/** Turns the events of a stream into those that the client gets, in whatever pieces they come. */
export type EventRewriter = {
  /** What the client gets for these bytes: whole events, as soon as they are whole. */
  readonly feed: (bytes: Uint8Array) => string;
  /** Call once, after the last byte: a last event that lacks its blank line is one. */
  readonly end: () => string;
  /** Of what the upstream sent. */
  readonly tally: () => UsageAccumulator;
};

type Needs = {
  /** What the client gets for a chunk. Null: nothing. */
  readonly chunk: (chunk: Fields) => Fields | null;
  readonly kept: KeptText;
  /** Sees what the client gets. */
  readonly watcher: DeliveryWatcher;
  /** Learns whether the upstream is at work on what it has not said yet. */
  readonly life: StreamActivity;
  /** Hears of the provider's name for the answer, once, as soon as it is known. */
  readonly onGeneration: (name: string) => void;
};

export function eventRewriter({ chunk, kept, watcher, life, onGeneration }: Needs): EventRewriter {
  const decoder = new TextDecoder();
  let tally = emptyAccumulator;
  let shown = '';
  const parser = eventParser({
    onEvent({ data }) {
      if (data.trim() === DONE_MARKER) {
        tally = { ...tally, isClosed: true };
        return watcher.close();
      }
      const json = parseJson(data);
      const value = json.ok ? json.value : null;
      life.isThinking = isThinkingAfter(value, life.isThinking);
      const known = tally.generationId;
      tally = accumulate(tally, value);
      if (known === null && tally.generationId !== null) onGeneration(tally.generationId);
      // One that can't be read is left out, and counted: a client would break off at it.
      const told = isRecord(value) ? chunk(value) : null;
      if (told === null) return;
      watcher.see(told);
      shown += `data: ${JSON.stringify(told)}\n\n`;
    },
    onComment() {
      life.isThinking = true;
      shown += COMMENT;
    },
  });
  const taken = (): string => {
    const text = shown;
    shown = '';
    return text;
  };
  return {
    feed(bytes) {
      const text = decoder.decode(bytes, { stream: true });
      kept.add(text);
      parser.feed(text);
      return taken();
    },
    end() {
      parser.feed(`${decoder.decode()}\n\n`);
      return taken();
    },
    tally: () => tally,
  };
}

import { parseJson } from '@gateway/worker-utils/json';
import { eventParser } from './event-parser.ts';
import type { KeptText } from './kept-text.ts';
import { DONE_MARKER } from './event-rewriter.ts';
import type { DeliveryWatcher } from './resume/delivered.ts';
import { isThinkingAfter } from './silence.ts';
import { accumulate, emptyAccumulator, type UsageAccumulator } from './usage-accumulator.ts';
import type { StreamActivity } from './stall-watch.ts';

/** Reads a tally off the bytes of an answer, in whatever pieces they come. */
export type UsageReader = {
  readonly feed: (bytes: Uint8Array) => void;
  /** Call once, after the last byte. */
  readonly end: () => UsageAccumulator;
};

type Needs = {
  readonly kept: KeptText;
  readonly watcher: DeliveryWatcher;
  /** Learns whether the upstream is at work on what it has not said yet. */
  readonly life: StreamActivity;
  /** Hears of the provider's name for the answer, once, as soon as it is known. */
  readonly onGeneration: (name: string) => void;
};

export function sseUsageReader({ kept, watcher, life, onGeneration }: Needs): UsageReader {
  const decoder = new TextDecoder();
  let tally = emptyAccumulator;
  const parser = eventParser({
    onComment() {
      life.isThinking = true;
    },
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
      watcher.see(value);
      if (known === null && tally.generationId !== null) onGeneration(tally.generationId);
    },
  });
  return {
    feed(bytes) {
      const text = decoder.decode(bytes, { stream: true });
      kept.add(text);
      parser.feed(text);
    },
    end() {
      // A last event that lacks its blank line counts: it may hold the usage.
      parser.feed(`${decoder.decode()}\n\n`);
      return tally;
    },
  };
}

/** A JSON answer is whole or worth nothing. */
export function accumulatedFromJson(text: string): UsageAccumulator {
  const json = parseJson(text);
  return accumulate(emptyAccumulator, json.ok ? json.value : null);
}

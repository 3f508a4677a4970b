import { parseJson } from '@gateway/worker-utils/json';
import { eventParser } from './event-parser.ts';
import type { KeptText } from './kept-text.ts';
import { END_OF_STREAM } from './rewriter.ts';
import type { Watcher } from './shown.ts';
import { isThinkingAfter } from './silence.ts';
import { count, emptyTally, type Tally } from './tally.ts';
import type { Life } from './watch.ts';

/** Reads a tally off the bytes of an answer, in whatever pieces they come. */
export type Meter = {
  readonly feed: (bytes: Uint8Array) => void;
  /** Call once, after the last byte. */
  readonly end: () => Tally;
};

type Needs = {
  readonly kept: KeptText;
  readonly watcher: Watcher;
  /** Learns whether the upstream is at work on what it has not said yet. */
  readonly life: Life;
  /** Hears of the provider's name for the answer, once, as soon as it is known. */
  readonly onGeneration: (name: string) => void;
};

export function sseMeter({ kept, watcher, life, onGeneration }: Needs): Meter {
  const decoder = new TextDecoder();
  let tally = emptyTally;
  const parser = eventParser({
    onComment() {
      life.isThinking = true;
    },
    onEvent({ data }) {
      if (data.trim() === END_OF_STREAM) {
        tally = { ...tally, isClosed: true };
        return watcher.close();
      }
      const json = parseJson(data);
      const value = json.ok ? json.value : null;
      life.isThinking = isThinkingAfter(value, life.isThinking);
      const known = tally.generation;
      tally = count(tally, value);
      watcher.see(value);
      if (known === null && tally.generation !== null) onGeneration(tally.generation);
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
export function tallyOfJson(text: string): Tally {
  const json = parseJson(text);
  return count(emptyTally, json.ok ? json.value : null);
}

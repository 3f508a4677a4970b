import { parseJson } from '@gateway/worker-utils/json';
import { createParser } from 'eventsource-parser';
import type { KeptText } from './kept-text.ts';
import { count, emptyTally, type Tally } from './tally.ts';

const END_OF_STREAM = '[DONE]';

/** Reads a tally off the bytes of an answer, in whatever pieces they come. */
export type Meter = {
  readonly feed: (bytes: Uint8Array) => void;
  /** Call once, after the last byte. */
  readonly end: () => Tally;
};

export function sseMeter(kept: KeptText): Meter {
  const decoder = new TextDecoder();
  let tally = emptyTally;
  const parser = createParser({
    onEvent({ data }) {
      if (data === END_OF_STREAM) return;
      const json = parseJson(data);
      tally = count(tally, json.ok ? json.value : null);
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

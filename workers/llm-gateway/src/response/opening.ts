import { joinBytes } from '@gateway/worker-utils/bytes';
import { parseJson } from '@gateway/worker-utils/json';
import { isRecord } from '../request/chat-request.ts';
import { detectFirstToken } from '../upstream/attempts/detect-first-token.ts';
import type { Fields } from './rewrite/public-view.ts';
import { failureIn } from './failure-in.ts';
import { DONE_MARKER } from './event-rewriter.ts';
import { afterFirstBlankLine } from './resume/tail.ts';

/**
 * The beginning of a stream that is passed through: until it has begun to answer, its events are looked at, because an error in
 * the place of an answer names the account of the house. From its first token on, nothing looks at it.
 */
export type Opening = {
  /** What the client gets for these bytes. */
  readonly feed: (bytes: Uint8Array) => Uint8Array;
  readonly isOver: () => boolean;
  /** What is still held, when no more comes. */
  readonly rest: () => Uint8Array;
};

/** A longer event is passed on as it comes: an error is short. */
const EVENT_BYTES_MAX = 64 * 1024;

/** @param shown what the client gets for an event that says that the answer failed */
export function openingOf(shown: (chunk: Fields) => Fields): Opening {
  let held: Uint8Array = new Uint8Array();
  let isOver = false;
  const rest = (): Uint8Array => {
    const bytes = held;
    held = new Uint8Array();
    return bytes;
  };
  return {
    feed(bytes) {
      if (isOver) return bytes;
      held = joinBytes([held, bytes]);
      const told: Uint8Array[] = [];
      while (!isOver) {
        const end = afterFirstBlankLine(held);
        if (end === null) break;
        const event = openingEventOf(held.subarray(0, end), shown);
        isOver = event.isLast;
        told.push(event.bytes);
        held = held.slice(end);
      }
      isOver ||= held.byteLength > EVENT_BYTES_MAX;
      if (isOver) told.push(rest());
      return joinBytes(told);
    },
    isOver: () => isOver,
    rest,
  };
}

type OpeningEvent = { readonly bytes: Uint8Array; readonly isLast: boolean };

function openingEventOf(bytes: Uint8Array, shown: (chunk: Fields) => Fields): OpeningEvent {
  const lines = new TextDecoder().decode(bytes).split(/\r\n|\r|\n/);
  const data = lines.flatMap((line) => /^data(?:: ?|$)(?<value>.*)$/s.exec(line)?.[1] ?? []);
  const text = data.join('\n');
  if (text.trim() === DONE_MARKER) return { bytes, isLast: true };
  const json = parseJson(text);
  if (!json.ok || !isRecord(json.value)) return { bytes, isLast: false };
  if (failureIn(json.value) === null) {
    return { bytes, isLast: detectFirstToken(json.value).kind === 'answer' };
  }
  const told = shown(json.value);
  if (told === json.value) return { bytes, isLast: false };
  const event = `data: ${JSON.stringify(told)}\n\n`;
  return { bytes: new TextEncoder().encode(event), isLast: false };
}

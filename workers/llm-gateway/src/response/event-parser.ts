import { createParser } from 'eventsource-parser';
import { HELD_BYTES_MAX } from './answer-limits.ts';

type Handlers = {
  readonly onEvent: (event: { readonly data: string }) => void;
  readonly onComment?: () => void;
};

/** Reads events out of text, in whatever pieces it comes. One that never ends is given up, and counts as an empty event. */
export function eventParser({ onEvent, onComment }: Handlers): {
  readonly feed: (text: string) => void;
} {
  let isOverflown = false;
  const parser = createParser({
    maxBufferSize: HELD_BYTES_MAX,
    onEvent,
    ...(onComment && { onComment }),
    onError(error) {
      if (error.type === 'max-buffer-size-exceeded') isOverflown = true;
    },
  });
  return {
    feed(text) {
      parser.feed(text);
      if (!isOverflown) return;
      isOverflown = false;
      parser.reset();
      onEvent({ data: '' });
    },
  };
}

import { ownSignal } from '@gateway/worker-utils/own-signal';
import type { Clock } from '@gateway/worker-utils/time';
import type { Pause } from './relay.ts';

export type Writer = WritableStreamDefaultWriter<Uint8Array>;

/** Merges chunks for the client that arrive at nearly the same time into one write. */
export type WriteCoalescer = {
  /** Resolves when there is room for more. False when the client has left. */
  readonly write: (text: string) => boolean | Promise<boolean>;
  /** Resolves when the client has taken everything. False when it has left. */
  readonly flush: () => Promise<boolean>;
};

type Needs = { readonly writer: Writer; readonly clock: Clock; readonly pause: Pause };

/**
 * A write costs more than all other work for an event. A single event is sent at once, as tokens arrive; events that
 * follow within this time share a write, too briefly for a reader to notice.
 */
const GATHER_MS = 10;
/** Beyond it, the client must drain before more is read. */
const GATHERED_CHARACTERS_MAX = 16 * 1024;

export function writeCoalescer({ writer, clock, pause }: Needs): WriteCoalescer {
  const emptied = ownSignal();
  let gathered = '';
  let sentAt = -Infinity;
  let isGathering = false;
  let sending = Promise.resolve(true);

  const send = (): Promise<boolean> => {
    const text = gathered;
    gathered = '';
    sentAt = clock.now();
    sending = Promise.all([sending, writeText(writer, text)]).then((sent) => sent.every(Boolean));
    return sending;
  };
  const gather = async (ms: number): Promise<void> => {
    isGathering = true;
    await pause(ms, emptied.signal);
    isGathering = false;
    await send();
  };
  return {
    write(text) {
      gathered += text;
      if (gathered === '') return true;
      const waitMs = sentAt + GATHER_MS - clock.now();
      if (waitMs <= 0 || gathered.length > GATHERED_CHARACTERS_MAX) return send();
      if (!isGathering) void gather(waitMs);
      return true;
    },
    flush() {
      emptied.abort();
      return send();
    },
  };
}

/** Waits until the client has received it. False if the client has left. */
export async function writeText(writer: Writer, text: string): Promise<boolean> {
  if (text === '') return true;
  try {
    await writer.write(new TextEncoder().encode(text));
    return true;
  } catch {
    return false;
  }
}

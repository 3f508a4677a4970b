import type { ByteBudget, Holding } from '@gateway/worker-utils/byte-budget';
import { joinBytes } from '@gateway/worker-utils/bytes';
import { ownSignal, type Signal } from '@gateway/worker-utils/own-signal';
import {
  COLLECTED_STREAM_BYTES_MAX,
  ERROR_BYTES_MAX,
  ERROR_MS_MAX,
  HELD_BYTES_MAX,
} from '../../response/answer-limits.ts';
import { afterBlankLine } from '../../response/resume/tail.ts';

export type Needs = {
  /** Resolves after `ms`, or as soon as the signal fires. */
  readonly pause: (ms: number, signal: Signal) => Promise<void>;
  /** Of all answers that are held like this one. */
  readonly budget: ByteBudget;
};

/** How much of an answer is held after a piece. `over`: more than may be. */
type Gauge = (piece: Uint8Array) => number | 'over';

/**
 * The same answer for a library that holds all of it, within what we hold of any answer: an error is cut off, as its status
 * says enough, and any other body breaks. @param signal what ends the call
 */
export function boundedAnswer(
  response: Response,
  signal: AbortSignal | null,
  { pause, budget }: Needs,
): Response {
  const body: ReadableStream<Uint8Array> | null = response.body;
  if (!body) return response;
  const isError = response.status >= 400;
  const isStream = response.headers.get('content-type')?.includes('text/event-stream') === true;
  const holding = budget.open();
  const done = ownSignal();
  const release = (): void => {
    done.abort();
    holding.release();
    signal?.removeEventListener('abort', release);
  };
  signal?.addEventListener('abort', release);
  const late = isError ? [pause(ERROR_MS_MAX, done.signal).then(() => 'late' as const)] : [];
  const bounded = boundedBody(body.getReader(), {
    gauge: isError ? upTo(ERROR_BYTES_MAX) : isStream ? openEventGauge() : upTo(HELD_BYTES_MAX),
    holding,
    late,
    release,
    beyond: isError ? 'end' : 'break',
  });
  const headers = new Headers(response.headers);
  // They tell of the bytes on the wire.
  for (const name of ['content-encoding', 'content-length']) headers.delete(name);
  return new Response(bounded, { status: response.status, headers });
}

type Bounds = {
  readonly gauge: Gauge;
  readonly holding: Holding;
  readonly late: readonly Promise<'late'>[];
  readonly release: () => void;
  /** What becomes of a body that goes beyond its limits. */
  readonly beyond: 'end' | 'break';
};

function boundedBody(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  { gauge, holding, late, release, beyond }: Bounds,
): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const read = await Promise.race([reader.read(), holding.revoked, ...late]);
        const piece = typeof read === 'object' ? read.value : undefined;
        const held = piece ? gauge(piece) : 'over';
        if (typeof held === 'number') holding.hold(held);
        if (piece && held !== 'over' && !holding.isRevoked()) return controller.enqueue(piece);
        release();
        const isEnd = typeof read === 'object' && read.done;
        if (!isEnd) await reader.cancel().catch(() => undefined);
        if (isEnd || beyond === 'end') return controller.close();
        controller.error(new RangeError('The answer is longer than what is held of one.'));
      } catch (cause) {
        release();
        controller.error(cause);
      }
    },
    async cancel(reason) {
      release();
      await reader.cancel(reason);
    },
  });
}

function upTo(bytesMax: number): Gauge {
  let bytes = 0;
  return ({ byteLength }) => {
    bytes += byteLength;
    return bytes > bytesMax ? 'over' : bytes;
  };
}

/** Of a stream of events, the one that has not ended is held. */
function openEventGauge(): Gauge {
  let all = 0;
  let open = 0;
  let ends = new Uint8Array();
  return (piece) => {
    all += piece.byteLength;
    // A blank line may lie across two pieces.
    const joined = joinBytes([ends, piece]);
    const at = afterBlankLine(joined);
    open = at === null ? open + piece.byteLength : joined.byteLength - at;
    ends = joined.slice(-3);
    return open > HELD_BYTES_MAX || all > COLLECTED_STREAM_BYTES_MAX ? 'over' : open;
  };
}

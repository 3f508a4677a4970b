import type { ByteBudget } from '@gateway/worker-utils/byte-budget';
import type { Clock } from '@gateway/worker-utils/time';
import { HELD_BYTES_MAX } from './answer-limits.ts';

/** What an answer becomes that has to be known whole before any of it can be told. */
export type Gathering = {
  /** Takes what came next, and says how many bytes are held. */
  readonly feed: (bytes: Uint8Array) => number;
  /** What the reader gets when all has come. Throws where the answer is not whole. */
  readonly end: () => string;
  /** Means nothing, and is told every few seconds until then. */
  readonly alive: string;
};

type Needs = {
  readonly clock: Clock;
  /** Of what is held of all answers. One that is told to let go breaks off. */
  readonly heldAnswers: ByteBudget;
};

const ALIVE_MS = 5000;

/** A body in another form. It breaks where the first one is not whole, or is longer than what is held of one. */
export function gathered(
  body: ReadableStream<Uint8Array>,
  { feed, end, alive }: Gathering,
  { clock, heldAnswers }: Needs,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const reader = body.getReader();
  const holding = heldAnswers.open();
  let toldAt = clock.now();
  const next = async (): Promise<string | null> => {
    const read = await Promise.race([reader.read(), holding.revoked]);
    if (read === 'revoked') throw new RangeError('Too much is held of all answers.');
    if (read.done) return end();
    const held = feed(read.value);
    if (held > HELD_BYTES_MAX) throw new RangeError('The answer is longer than what is held.');
    holding.hold(held);
    return null;
  };
  return new ReadableStream({
    type: 'bytes',
    async pull(controller) {
      try {
        for (;;) {
          const whole = await next();
          if (whole !== null) {
            holding.release();
            controller.enqueue(encoder.encode(whole));
            controller.close();
            controller.byobRequest?.respond(0);
            return;
          }
          if (clock.now() - toldAt < ALIVE_MS) continue;
          toldAt = clock.now();
          return controller.enqueue(encoder.encode(alive));
        }
      } catch (cause) {
        holding.release();
        await reader.cancel().catch(() => undefined);
        controller.error(cause);
      }
    },
    async cancel(reason) {
      holding.release();
      await reader.cancel(reason);
    },
  });
}

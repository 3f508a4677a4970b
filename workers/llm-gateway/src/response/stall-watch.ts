import type { Signal } from '@gateway/worker-utils/own-signal';
import type { UpstreamReply } from '../exchange/exchange.ts';
import type { Pause } from './relay.ts';

const WATCH_MS = 1000;
/** Ten minutes: no answer takes longer. */
const WATCHES_MAX = 600;

/** Of the upstream. Only while somebody reads can it be said to be late: a slow client is no sign of it. */
export type StreamActivity = {
  reads: number;
  isReading: boolean;
  isStalled: boolean;
  /** Whether it was last heard to be at work on what it has not said yet. */
  isThinking: boolean;
};
export const newActivity = (): StreamActivity => ({
  reads: 0,
  isReading: false,
  isStalled: false,
  isThinking: false,
});

type Watched = {
  readonly life: StreamActivity;
  readonly reply: Pick<UpstreamReply, 'abort' | 'silence'>;
  readonly pause: Pause;
  readonly ended: Signal;
};

/** Ends an answer that stalls or takes too long. Looks once in a while: a timer for each event would cost more. */
export async function watchForStall({ life, reply, pause, ended }: Watched): Promise<void> {
  let { reads } = life;
  let idle = 0;
  const { seconds, thinkingSeconds } = reply.silence;
  const isStalled = () => idle >= (life.isThinking ? thinkingSeconds : seconds);
  for (let watches = 0; watches < WATCHES_MAX && !isStalled(); watches += 1) {
    await pause(WATCH_MS, ended);
    if (ended.aborted) return;
    idle = life.isReading && life.reads === reads ? idle + 1 : 0;
    ({ reads } = life);
  }
  life.isStalled = true;
  reply.abort();
}

import { ownSignal } from '@gateway/worker-utils/own-signal';
import type { Broken, UpstreamReply } from '../exchange.ts';
import type { Fields } from '../rewrite/shown.ts';
import type { KeptText } from './kept-text.ts';
import { isSent, type Writer } from './outbox.ts';
import { lastWords, pump, type Pumped } from './pump.ts';
import type { Ending } from './reading.ts';
import type { Passed } from './relay.ts';
import type { StreamNeeds } from './relay-stream.ts';
import { COMMENT } from './rewriter.ts';
import { type Seam, seamOf } from './seam.ts';
import { placeToGoOn, type Watcher } from './shown.ts';
import { verdictOf } from './verdict.ts';

/** What an answer that breaks off needs to be carried on with another one. */
export type Carrying = {
  readonly writer: Writer;
  readonly watcher: Watcher;
  readonly kept: KeptText;
  /** What a client gets for a chunk, wherever it comes from. */
  readonly chunk: (chunk: Fields) => Fields;
};

/** While nobody answers, a client hears every so often that somebody is there; and whether it is, is heard here. */
const ALIVE_MS = 5000;

/** Goes on with another answer for as long as one breaks off and somebody has another; then ends the client's stream. */
export async function carryOn(
  first: Pumped,
  carrying: Carrying,
  needs: StreamNeeds,
): Promise<Passed> {
  const { watcher, writer, kept } = carrying;
  let pumped = first;
  let ending = endingOf(pumped, needs);
  while (ending === 'cut') {
    const shown = watcher.shown();
    const begun = placeToGoOn(shown);
    if (begun === undefined) break;
    const reply = await rescued(pumped, begun, { writer, ...needs });
    ending = endingOf(pumped, needs);
    if (!reply) break;
    const seam = seamOf(shown, begun);
    const chunk = joinedBy(seam, carrying.chunk, reply);
    pumped = await pump(reply, { ...needs, ...carrying, chunk });
    ending = seam.isTorn() ? 'cut' : endingOf(pumped, needs);
    if (seam.isTorn()) break;
  }
  const { tally, isClientThere } = pumped;
  const words = lastWords(ending, () => needs.errorOf(watcher.shown().identity, tally));
  if (isClientThere && (await isSent(writer, words))) await writer.close().catch(() => undefined);
  return { tally, ending, errorText: null, replyText: kept.text() };
}

/** One that does not go on with the first is not read on. */
const joinedBy =
  (seam: Seam, chunk: Carrying['chunk'], reply: UpstreamReply) =>
  (told: Fields): Fields | null => {
    const joined = seam.join(chunk(told));
    if (seam.isTorn()) reply.abort();
    return joined;
  };

const endingOf = ({ tally, isClientThere }: Pumped, { left }: StreamNeeds): Ending =>
  verdictOf(tally, !isClientThere || left.aborted);

type Rescuing = Pick<StreamNeeds, 'left' | 'pause' | 'rescue'> & { readonly writer: Writer };

async function rescued(
  { tally, isStalled }: Pumped,
  begun: Broken['begun'],
  { left, pause, rescue, writer }: Rescuing,
): Promise<UpstreamReply | null> {
  const gone = new AbortController();
  const done = ownSignal();
  const { generation, usage } = tally;
  const broken = {
    begun,
    isStalled,
    generation,
    usage,
    left: AbortSignal.any([left, gone.signal]),
  };
  const answering = rescue(broken).finally(() => done.abort());
  const keepAlive = async () => {
    while (!done.signal.aborted) {
      if (!(await isSent(writer, COMMENT))) return gone.abort();
      await pause(ALIVE_MS, done.signal);
    }
  };
  void keepAlive();
  return answering;
}

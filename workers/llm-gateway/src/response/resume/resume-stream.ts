import { ownSignal } from '@gateway/worker-utils/own-signal';
import type { Interruption, UpstreamReply } from '../../exchange/exchange.ts';
import type { Fields } from '../rewrite/public-view.ts';
import type { KeptText } from '../kept-text.ts';
import { writeText, type Writer } from '../write-coalescer.ts';
import { streamEnd, pump, type PumpResult } from '../event-pump.ts';
import type { Ending } from '../exchange-result.ts';
import type { TransferResult } from '../relay.ts';
import type { StreamDeps } from '../relay-stream.ts';
import { COMMENT } from '../event-rewriter.ts';
import { type Stitch, stitchOf } from './stitch.ts';
import { resumePointOf, type DeliveryWatcher } from './delivered.ts';
import { verdictOf } from '../verdict.ts';

/** Dependencies for resuming a broken answer with another attempt. */
export type ResumeSession = {
  readonly writer: Writer;
  readonly watcher: DeliveryWatcher;
  readonly kept: KeptText;
  /** The client's view of a chunk, from whichever attempt. */
  readonly chunk: (chunk: Fields) => Fields;
};

/** Sends keep-alives while no attempt answers. The writes also detect that the client has left. */
const ALIVE_MS = 5000;

/** Resumes with further attempts while answers break off and attempts remain; then ends the client's stream. */
export async function resumeStream(
  first: PumpResult,
  carrying: ResumeSession,
  needs: StreamDeps,
): Promise<TransferResult> {
  const { watcher, writer, kept } = carrying;
  let pumped = first;
  let ending = endingOf(pumped, needs);
  while (ending === 'cut') {
    const shown = watcher.delivered();
    const begun = resumePointOf(shown);
    if (begun === undefined) break;
    const reply = await rescued(pumped, begun, { writer, ...needs });
    ending = endingOf(pumped, needs);
    if (!reply) break;
    const seam = stitchOf(shown, begun);
    const chunk = joinedBy(seam, carrying.chunk, reply);
    pumped = await pump(reply, { ...needs, ...carrying, chunk });
    ending = seam.hasDiverged() ? 'cut' : endingOf(pumped, needs);
    if (seam.hasDiverged()) break;
  }
  const { accumulated, isClientConnected } = pumped;
  const words = streamEnd(ending, () => needs.errorOf(watcher.delivered().identity, accumulated));
  if (isClientConnected && (await writeText(writer, words)))
    await writer.close().catch(() => undefined);
  return { accumulated, ending, errorText: null, replyText: kept.text() };
}

/** Stop reading an attempt that diverges from the first. */
const joinedBy =
  (seam: Stitch, chunk: ResumeSession['chunk'], reply: UpstreamReply) =>
  (told: Fields): Fields | null => {
    const joined = seam.join(chunk(told));
    if (seam.hasDiverged()) reply.abort();
    return joined;
  };

const endingOf = (
  { accumulated, isClientConnected }: PumpResult,
  { clientSignal }: StreamDeps,
): Ending => verdictOf(accumulated, !isClientConnected || clientSignal.aborted);

type Rescuing = Pick<StreamDeps, 'clientSignal' | 'pause' | 'resume'> & { readonly writer: Writer };

async function rescued(
  { accumulated, isStalled }: PumpResult,
  begun: Interruption['prefix'],
  { clientSignal, pause, resume, writer }: Rescuing,
): Promise<UpstreamReply | null> {
  const gone = new AbortController();
  const done = ownSignal();
  const { generationId, usage } = accumulated;
  const broken = {
    prefix: begun,
    isStalled,
    generationId,
    usage,
    clientSignal: AbortSignal.any([clientSignal, gone.signal]),
  };
  const answering = resume(broken).finally(() => done.abort());
  const keepAlive = async () => {
    while (!done.signal.aborted) {
      if (!(await writeText(writer, COMMENT))) return gone.abort();
      await pause(ALIVE_MS, done.signal);
    }
  };
  void keepAlive();
  return answering;
}

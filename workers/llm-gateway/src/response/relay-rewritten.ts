import type { UpstreamReply } from '../exchange/exchange.ts';
import type { Rewriting } from './rewrite/rewriting.ts';
import { resumeStream } from './resume/resume-stream.ts';
import { keptReply } from './kept-text.ts';
import { pump } from './event-pump.ts';
import type { BodyTransfer } from './relay.ts';
import { failedIn, type StreamDeps } from './relay-stream.ts';
import type { Fields } from './rewrite/public-view.ts';
import { deliveryWatcher } from './resume/delivered.ts';

type Needs = StreamDeps & { readonly rewriting: Pick<Rewriting, 'chunk'> };

/** Passes an event stream on with every event rewritten, and read as it came. */
export function relayRewritten(reply: UpstreamReply, needs: Needs): BodyTransfer {
  const { readable, writable } = new IdentityTransformStream();
  const watcher = deliveryWatcher(needs);
  const failed = failedIn(watcher, needs);
  const carrying = {
    writer: writable.getWriter(),
    watcher,
    kept: keptReply(needs.keepsReply),
    chunk: (chunk: Fields) => needs.rewriting.chunk(failed(chunk)),
  };
  const end = pump(reply, { ...needs, ...carrying }).then((pumped) =>
    resumeStream(pumped, carrying, needs),
  );
  return { body: readable, end };
}

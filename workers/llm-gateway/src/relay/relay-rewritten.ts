import type { UpstreamReply } from '../exchange.ts';
import type { Rewriting } from '../rewrite/rewriting.ts';
import { carryOn } from './carry-on.ts';
import { keptReply } from './kept-text.ts';
import { pump } from './pump.ts';
import type { Passage } from './relay.ts';
import { failedIn, type StreamNeeds } from './relay-stream.ts';
import type { Fields } from '../rewrite/shown.ts';
import { watcherOf } from './shown.ts';

type Needs = StreamNeeds & { readonly rewriting: Pick<Rewriting, 'chunk'> };

/** Passes an event stream on with every event rewritten, and read as it came. */
export function relayRewritten(reply: UpstreamReply, needs: Needs): Passage {
  const { readable, writable } = new IdentityTransformStream();
  const watcher = watcherOf(needs);
  const failed = failedIn(watcher, needs);
  const carrying = {
    writer: writable.getWriter(),
    watcher,
    kept: keptReply(needs.isReplyKept),
    chunk: (chunk: Fields) => needs.rewriting.chunk(failed(chunk)),
  };
  const end = pump(reply, { ...needs, ...carrying }).then((pumped) =>
    carryOn(pumped, carrying, needs),
  );
  return { body: readable, end };
}

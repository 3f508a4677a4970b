import { hexOf } from '@gateway/worker-utils/hex';
import { begin } from './begin.ts';
import type { Asked, IdempotentAnswer } from './idempotent-answer.ts';
import { release } from './release.ts';
import { type StoredAnswer, type KeyRefusal, decisionOn } from './stored-answer.ts';
import { leave, listen, type Recording, recordingOf, stream } from './recording.ts';
import type { Seal } from './seal.ts';

/** Identical requests get the same answer: the stored one or the one in progress. */
export async function answer<Request extends Asked>(
  completion: IdempotentAnswer<Request>,
  request: Request,
): Promise<Response | KeyRefusal> {
  const { ports } = completion;
  const { listener } = request;
  const { bodyHash, seal } = await prepared(completion, request);

  // Decide and write in one turn, so that the second of two concurrent requests joins the first.
  const kept = ports.store.load();
  const verdict = decisionOn(kept, { bodyHash, running: runningIn(completion, kept) });
  switch (verdict.kind) {
    case 'refuse':
      return { kind: verdict.refusal };
    case 'begin': {
      const exchange = verdict.exchange ?? ports.exchangeIds.next();
      return told(begin(completion, request, { exchange, bodyHash, seal }), listener);
    }
    case 'replay':
      return told(replayed(completion, verdict.kept, seal), listener);
    case 'join':
      return told(verdict.running, listener);
  }
}

/** Rejects if the client has already left: never start an answer without a listener. */
async function prepared<Request extends Asked>(
  { asking, ports }: IdempotentAnswer<Request>,
  { listener, identity, body }: Request,
): Promise<{ readonly bodyHash: string; readonly seal: Seal }> {
  asking.add(listener);
  try {
    const [bodyHash, seal] = await Promise.all([hashOf(body), ports.sealFor(identity)]);
    if (!asking.has(listener)) throw new Error('Nobody waits for the answer.');
    return { bodyHash, seal };
  } finally {
    asking.delete(listener);
  }
}

/** For a client that left before the answer began. */
export function leaveAnswer<Request extends Asked>(
  { asking, open }: IdempotentAnswer<Request>,
  listener: string,
): void {
  asking.delete(listener);
  for (const recording of open) leave(recording, listener);
}

/** A finished answer that is still being stored does not block the next one. */
function runningIn<Request extends Asked>(
  { running }: IdempotentAnswer<Request>,
  kept: StoredAnswer | null,
): Recording | null {
  return running && running.recording.exchange === kept?.exchange ? running.recording : null;
}

function told(recording: Recording, listener: string): Promise<Response> {
  listen(recording, listener);
  return stream(recording, listener);
}

function replayed<Request extends Asked>(
  completion: IdempotentAnswer<Request>,
  { exchange, parts }: StoredAnswer,
  seal: Seal,
): Recording {
  const { store, clock } = completion.ports;
  const recording = recordingOf({
    exchange,
    seal,
    store,
    clock,
    parts,
    end: 'closed',
    onUnattended: () => release(completion, recording),
  });
  completion.open.add(recording);
  return recording;
}

const hashOf = async (bytes: Uint8Array): Promise<string> =>
  hexOf(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)));

import type { ExchangeId } from '@gateway/worker-utils/ids';
import { Instant } from '@gateway/worker-utils/time';
import type { Handled } from '../pipeline/handle.ts';
import type { Asked, IdempotentAnswer, Ports } from './idempotent-answer.ts';
import { release } from './release.ts';
import type { StoredAnswer } from './stored-answer.ts';
import { change, record, type Recording, recordingOf } from './recording.ts';
import type { Seal } from './seal.ts';

type Beginning = {
  readonly exchange: ExchangeId;
  readonly bodyHash: string;
  readonly seal: Seal;
};

/** Runs the request and stores its answer. Continues when clients disconnect. */
export function begin<Request extends Asked>(
  completion: IdempotentAnswer<Request>,
  request: Request,
  { exchange, bodyHash, seal }: Beginning,
): Recording {
  const { ports } = completion;
  const { store, clock } = ports;
  // Parts of an answer that died.
  store.removeParts(exchange);
  const kept: StoredAnswer = {
    exchange,
    bodyHash,
    state: 'begun',
    parts: 0,
    deleteAt: deleteAtIn(ports),
  };
  store.put(kept);
  ports.wakeAt(kept.deleteAt);

  const recording = recordingOf({
    exchange,
    seal,
    store,
    clock,
    parts: 0,
    end: 'open',
    onUnattended() {
      if (recording.end === 'open') ports.wakeAt(Instant.parse(clock.now() + ports.unattendedMs));
      else release(completion, recording);
    },
  });
  completion.open.add(recording);
  const left = new AbortController();
  const handling = ports.handle(request, { exchange, left: left.signal });
  const done = follow(completion, { recording, kept, handling, owner: request.owner });
  completion.running = { recording, left, done };
  return recording;
}

/** Resolves when the answer is stored or released. Never rejects. */
async function follow<Request extends Asked>(
  completion: IdempotentAnswer<Request>,
  made: Made,
): Promise<void> {
  const { recording, handling } = made;
  const { ports } = completion;
  try {
    await finish(made, ports);
    // Another answer may have started meanwhile.
    if (completion.running?.recording === recording) completion.running = null;
    release(completion, recording);
    const { settled } = await handling;
    await settled;
  } catch (cause) {
    ports.log.error('answer under a key failed', { cause });
    if (completion.running?.recording === recording) completion.running = null;
    if (recording.end === 'open') recording.end = 'broken';
    change(recording);
  }
}

type Made = {
  readonly recording: Recording;
  readonly kept: StoredAnswer;
  readonly handling: Promise<Handled>;
  readonly owner: string;
};

/**
 * Stores a complete answer before its end is sent, so that every client that received it can get it again. After any
 * other answer, or when the owner's quota is full, the key is released for reuse.
 */
async function finish<Request extends Asked>(
  { recording, kept, handling, owner }: Made,
  ports: Ports<Request>,
): Promise<void> {
  const { store, sync } = ports;
  const { end, isWhole } = await recorded(recording, handling);
  const deleteAt = deleteAtIn(ports);
  const claim = { exchange: kept.exchange, bytes: recording.bytes, deleteAt };
  if (isWhole && (await ports.mayKeep(owner, claim))) {
    const state = recording.isOutgrown ? 'outgrown' : 'complete';
    store.put({ ...kept, state, parts: recording.parts, deleteAt });
    ports.wakeAt(deleteAt);
  } else {
    store.remove();
  }
  await sync();
  recording.end = end;
  change(recording);
}

type Recorded = { readonly end: 'closed' | 'broken'; readonly isWhole: boolean };

async function recorded(recording: Recording, handling: Promise<Handled>): Promise<Recorded> {
  try {
    const { response, isWhole } = await handling;
    await record(recording, response);
    return { end: 'closed', isWhole: await isWhole };
  } catch {
    // The answer broke off, so every listener's copy breaks off too.
    return { end: 'broken', isWhole: false };
  }
}

const deleteAtIn = <Request extends Asked>({ clock, retentionMs }: Ports<Request>): Instant =>
  Instant.parse(clock.now() + retentionMs);

import type { ExchangeId } from '@gateway/worker-utils/ids';
import { parseJson } from '@gateway/worker-utils/json';
import type { Clock, Instant } from '@gateway/worker-utils/time';
import { z } from 'zod';
import type { AnswerStore } from './answer-store.ts';
import type { Seal } from './seal.ts';

/** An answer, while it is made or after it: one writes it, and any number listen, each from the first byte on. */
export type Recording = {
  readonly exchange: ExchangeId;
  readonly seal: Seal;
  readonly store: AnswerStore;
  readonly clock: Clock;
  /** Which part each of them wants next. */
  readonly listeners: Map<string, number>;
  /** Since when there are none. Null: there are. */
  unattendedSince: Instant | null;
  /** How many have been written. The first one is the head. */
  parts: number;
  /** Of those that are on disk. */
  bytes: number;
  isOutgrown: boolean;
  end: 'open' | 'closed' | 'broken';
  /** Resolves when any of this has changed. */
  changed: PromiseWithResolvers<void>;
  readonly onUnattended: () => void;
};

/** What is on disk of an answer, at any time. */
const ANSWER_BYTES_MAX = 4 * 1024 * 1024;
/** What comes at once, at most. A row of the object's disk holds 2 MB; smaller ones keep less of an answer in memory. */
const PART_BYTES_MAX = 64 * 1024;

const Head = z.object({
  status: z.int(),
  headers: z.array(z.tuple([z.string(), z.string()])),
});
type Head = z.infer<typeof Head>;

type Beginning = Pick<
  Recording,
  'exchange' | 'seal' | 'store' | 'clock' | 'parts' | 'end' | 'onUnattended'
>;

export const recordingOf = (beginning: Beginning): Recording => ({
  ...beginning,
  listeners: new Map(),
  unattendedSince: beginning.clock.now(),
  bytes: 0,
  isOutgrown: false,
  changed: Promise.withResolvers(),
});

export function change(recording: Recording): void {
  recording.changed.resolve();
  recording.changed = Promise.withResolvers();
}

export function listen(recording: Recording, listener: string): void {
  recording.listeners.set(listener, 0);
  recording.unattendedSince = null;
}

export function leave(recording: Recording, listener: string): void {
  if (!recording.listeners.delete(listener)) return;
  change(recording);
  if (recording.listeners.size > 0) return;
  recording.unattendedSince = recording.clock.now();
  recording.onUnattended();
}

/** Writes the response down as it comes. Rejects where it breaks off. */
export async function record(recording: Recording, response: Response): Promise<void> {
  const head: Head = { status: response.status, headers: [...response.headers] };
  await append(recording, new TextEncoder().encode(JSON.stringify(head)));
  const body: ReadableStream<Uint8Array> | null = response.body;
  if (!body) return;
  const reader = body.getReader({ mode: 'byob' });
  let read = await reader.read(new Uint8Array(PART_BYTES_MAX));
  while (!read.done) {
    await append(recording, read.value);
    read = await reader.read(new Uint8Array(read.value.buffer));
  }
}

async function append(recording: Recording, bytes: Uint8Array): Promise<void> {
  const { exchange, seal, store } = recording;
  const place = { exchange, n: recording.parts };
  const sealed = await seal.close(bytes, place);
  await makeRoom(recording, sealed.byteLength);
  store.putPart(place, sealed);
  recording.parts += 1;
  recording.bytes += sealed.byteLength;
  change(recording);
}

/**
 * Beyond what is kept, the disk is a window that moves with who listens: what all of them have is dropped, and who is slowest
 * is waited for, as it would be without a key.
 */
async function makeRoom(recording: Recording, bytes: number): Promise<void> {
  while (recording.bytes + bytes > ANSWER_BYTES_MAX) {
    recording.isOutgrown = true;
    const n = Math.min(recording.parts, ...recording.listeners.values());
    recording.bytes -= recording.store.removePartsBefore({ exchange: recording.exchange, n });
    if (recording.bytes + bytes > ANSWER_BYTES_MAX) await recording.changed.promise;
  }
}

/** The answer for one listener, at its own pace. Resolves when its head is there. */
export async function stream(recording: Recording, listener: string): Promise<Response> {
  const head = await part(recording, 0);
  if (head === null) {
    leave(recording, listener);
    throw new Error('The answer broke off before its head.');
  }
  const json = parseJson(new TextDecoder().decode(head));
  const { status, headers } = Head.parse(json.ok ? json.value : null);
  return new Response(bodyFor(recording, listener), { status, headers });
}

/** Nothing is read before it is asked for: a slow listener costs no memory. */
function bodyFor(recording: Recording, listener: string): ReadableStream<Uint8Array> {
  let n = 1;
  const stay = (): boolean => recording.listeners.has(listener);
  if (stay()) recording.listeners.set(listener, n);
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const bytes = await part(recording, n);
        if (!stay()) return controller.error(new Error('It has left.'));
        if (bytes !== null) {
          n += 1;
          recording.listeners.set(listener, n);
          if (recording.isOutgrown) change(recording);
          return controller.enqueue(bytes);
        }
        leave(recording, listener);
        if (recording.end === 'closed') controller.close();
        else controller.error(new Error('The answer broke off.'));
      },
      cancel: () => leave(recording, listener),
    },
    { highWaterMark: 0 },
  );
}

/** Waits for it. Null: it will not come. */
async function part(recording: Recording, n: number): Promise<Uint8Array | null> {
  while (n >= recording.parts && recording.end === 'open') await recording.changed.promise;
  if (n >= recording.parts) return null;
  const place = { exchange: recording.exchange, n };
  const sealed = recording.store.part(place);
  // An answer with a hole in it would look like a shorter one.
  if (!sealed) throw new Error('A part of the answer is not there.');
  return recording.seal.open(sealed, place);
}

import type { ExchangeId } from '@gateway/worker-utils/ids';
import { parseJson } from '@gateway/worker-utils/json';
import type { Clock, Instant } from '@gateway/worker-utils/time';
import { z } from 'zod';
import type { AnswerStore } from './answer-store.ts';
import type { Seal } from './seal.ts';

/** An answer in progress or complete. It has one writer and any number of listeners; each listener reads from byte 0. */
export type Recording = {
  readonly exchange: ExchangeId;
  readonly seal: Seal;
  readonly store: AnswerStore;
  readonly clock: Clock;
  /** The next part that each listener needs. */
  readonly listeners: Map<string, number>;
  /** When the last listener left. Null while there are listeners. */
  unattendedSince: Instant | null;
  /** Number of parts written. The first part is the head. */
  parts: number;
  /** Total bytes of the parts on disk. */
  bytes: number;
  isOutgrown: boolean;
  end: 'open' | 'closed' | 'broken';
  /** Resolves on the next change to this state. */
  changed: PromiseWithResolvers<void>;
  readonly onUnattended: () => void;
};

/** Maximum bytes of one answer on disk. */
const ANSWER_BYTES_MAX = 4 * 1024 * 1024;
/** Maximum bytes per part. A storage row holds 2 MB; smaller parts use less memory. */
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

/** Stores the response as it arrives. Rejects if the response breaks off. */
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
 * Beyond the storage limit, the disk is a sliding window: parts that every listener has read are dropped. The slowest
 * listener applies back-pressure, as it would without a key.
 */
async function makeRoom(recording: Recording, bytes: number): Promise<void> {
  while (recording.bytes + bytes > ANSWER_BYTES_MAX) {
    recording.isOutgrown = true;
    const n = Math.min(recording.parts, ...recording.listeners.values());
    recording.bytes -= recording.store.removePartsBefore({ exchange: recording.exchange, n });
    if (recording.bytes + bytes > ANSWER_BYTES_MAX) await recording.changed.promise;
  }
}

/** The answer for one listener, at its own pace. Resolves when the head is available. */
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

/** Reads on demand, so that a slow listener costs no memory. */
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

/** Waits for a part. Null if it will never exist. */
async function part(recording: Recording, n: number): Promise<Uint8Array | null> {
  while (n >= recording.parts && recording.end === 'open') await recording.changed.promise;
  if (n >= recording.parts) return null;
  const place = { exchange: recording.exchange, n };
  const sealed = recording.store.part(place);
  // Fail rather than skip: a missing part would look like a shorter answer.
  if (!sealed) throw new Error('A part of the answer is not there.');
  return recording.seal.open(sealed, place);
}

import { BODY_BYTES_MAX, type NextTurn } from './body-limits.ts';
import type { ByteBudget } from './byte-budget.ts';
import { joinBytes } from './bytes.ts';
import { ownSignal, type Signal } from './own-signal.ts';
import { err, ok, type Result } from './result.ts';

const KIBIBYTE = 1024;
/** A body that is too large is still read to here: a client that is cut off while it writes never sees why. */
const DISCARDED_BYTES_MAX = 4 * BODY_BYTES_MAX;
/** What is read at once. The platform gathers it, so that a body in many small packets costs no more than one in few. */
const PIECE_BYTES = 64 * KIBIBYTE;
/** In each such time, a piece or the end of the body must come: a stalled upload holds memory for no longer. */
export const PIECE_MS_MAX = 10_000;
/** From the first byte to the last. */
const BODY_MS_MAX = 120_000;
/** What an isolate holds of all bodies that have not ended. Cloudflare gives an isolate 128 MB. */
export const UNFINISHED_BYTES_MAX = 48 * KIBIBYTE * KIBIBYTE;

/** For a client whose body was given up. */
export const BODY_PACE = `Send at least ${PIECE_BYTES / KIBIBYTE} KiB in ${PIECE_MS_MAX / 1000} seconds, and all of it in ${BODY_MS_MAX / 1000} seconds.`;

/** How bodies are taken in. */
export type Intake = {
  /** Resolves after `ms`, or as soon as the signal fires. */
  readonly pause: (ms: number, signal?: Signal) => Promise<void>;
  /** Of the bytes of all bodies that have not ended. */
  readonly unfinished: ByteBudget;
};

/** A smaller body costs less than a turn. */
const ONE_TURN_BYTES_MAX = 256 * KIBIBYTE;

/** What lets others have the thread while a body of this size is worked on, where it is large enough to need it. */
export const turnsFor =
  (bodyBytes: number, { pause }: Pick<Intake, 'pause'>): NextTurn =>
  () =>
    bodyBytes > ONE_TURN_BYTES_MAX ? pause(0) : Promise.resolve();

/** How many bytes a body may have. `more` is asked once a body has more than `bytesMax`: who may send more costs time to know. */
export type BodyAllowance = {
  readonly bytesMax: number;
  readonly more?: () => Promise<number>;
};

/** Why there is no body. `broken`: the client has left, or what it sent was no HTTP. `crowded-out`: newer bodies took its place. */
export type BodyFault =
  | { readonly kind: 'too-large'; readonly bytesMax: number }
  | { readonly kind: 'too-slow' | 'crowded-out' | 'broken' };

/** The whole body. */
export async function readWithin(
  request: Request,
  allowance: BodyAllowance,
  intake: Intake,
): Promise<Result<Uint8Array, BodyFault>> {
  const declared = declaredBytes(request);
  // HTTP ends a body where it was declared to end. Read in one piece it costs a fraction of what it does in small ones.
  if (declared <= PIECE_BYTES && declared <= allowance.bytesMax) {
    const whole = await inTime(request.arrayBuffer(), declared, intake);
    return whole.ok ? ok(new Uint8Array(whole.value)) : whole;
  }
  const pieces: Uint8Array[] = [];
  const read = await readPieces(request, {
    allowance,
    intake,
    take: (piece) => pieces.push(piece),
  });
  return read.ok ? ok(joinBytes(pieces)) : read;
}

export type BodyText = { readonly text: string; readonly bodyBytes: number };

/** The same as text. It becomes text while it comes: no turn has to decode all of it. */
export async function readTextWithin(
  request: Request,
  allowance: BodyAllowance,
  intake: Intake,
): Promise<Result<BodyText, BodyFault>> {
  const declared = declaredBytes(request);
  if (declared <= PIECE_BYTES && declared <= allowance.bytesMax) {
    const text = await inTime(request.text(), declared, intake);
    return text.ok ? ok({ text: text.value, bodyBytes: declared }) : text;
  }
  const utf8 = new TextDecoder();
  const texts: string[] = [];
  const take = (piece: Uint8Array) => texts.push(utf8.decode(piece, { stream: true }));
  const read = await readPieces(request, { allowance, intake, take });
  return read.ok ? ok({ text: texts.join('') + utf8.decode(), bodyBytes: read.value }) : read;
}

const declaredBytes = ({ headers }: Request): number =>
  Number(headers.get('content-length') ?? Number.NaN);

async function inTime<T>(
  reading: Promise<T>,
  bytes: number,
  { pause, unfinished }: Intake,
): Promise<Result<T, BodyFault>> {
  const holding = unfinished.open();
  holding.hold(bytes);
  const done = ownSignal();
  const late = pause(PIECE_MS_MAX, done.signal).then(() => tooSlow);
  const revoked = holding.revoked.then(() => crowdedOut);
  try {
    return await Promise.race([reading.then((value) => ok(value)), late, revoked]);
  } catch {
    return err({ kind: 'broken' });
  } finally {
    done.abort();
    holding.release();
  }
}

const tooSlow = err({ kind: 'too-slow' } as const);
const crowdedOut = err({ kind: 'crowded-out' } as const);

type Reading = {
  readonly allowance: BodyAllowance;
  readonly intake: Intake;
  /** Gets each piece, as long as all of them may be kept. */
  readonly take: (piece: Uint8Array) => void;
};

/** How many bytes it was. */
async function readPieces(
  { body }: Request,
  { allowance, intake, take }: Reading,
): Promise<Result<number, BodyFault>> {
  if (!body) return ok(0);
  const reader = body.getReader({ mode: 'byob' });
  const holding = intake.unfinished.open();
  const done = ownSignal();
  const revoked = holding.revoked.then(() => crowdedOut);
  const progress = { bytes: 0 };
  const late = lateness(progress, intake, done.signal).then(() => tooSlow);
  let { bytesMax, more } = allowance;
  try {
    for (let isEnd = false; !isEnd;) {
      const piece = await Promise.race([nextPiece(reader), late, revoked]);
      if ('ok' in piece) return progress.bytes > bytesMax ? tooLarge(bytesMax) : piece;
      isEnd = piece.byteLength < PIECE_BYTES;
      progress.bytes += piece.byteLength;
      if (progress.bytes > bytesMax && more) {
        bytesMax = await more();
        more = undefined;
      }
      if (progress.bytes > DISCARDED_BYTES_MAX) break;
      const isKept = progress.bytes <= bytesMax;
      holding.hold(isKept ? progress.bytes : 0);
      if (isKept) take(piece);
    }
    return progress.bytes > bytesMax ? tooLarge(bytesMax) : ok(progress.bytes);
  } catch {
    return err({ kind: 'broken' });
  } finally {
    done.abort();
    holding.release();
    // Harmless after the end. Before it, the client is told that nobody reads on.
    void reader.cancel().catch(() => undefined);
  }
}

const tooLarge = (bytesMax: number) => err({ kind: 'too-large', bytesMax } as const);

/** Shorter than a piece: there is no more. Filled up, so that a body of many small packets holds no more than its bytes. */
async function nextPiece(reader: ReadableStreamBYOBReader): Promise<Uint8Array> {
  let buffer = new ArrayBuffer(PIECE_BYTES);
  let filled = 0;
  while (filled < PIECE_BYTES) {
    const { value } = await reader.read(new Uint8Array(buffer, filled));
    if (value === undefined) break;
    ({ buffer } = value);
    if (value.byteLength === 0) break;
    filled += value.byteLength;
  }
  return new Uint8Array(buffer, 0, filled);
}

/** Resolves when the body is too slow, or when it has ended. */
async function lateness(
  progress: { readonly bytes: number },
  { pause }: Intake,
  done: Signal,
): Promise<void> {
  let seen = 0;
  for (let ms = 0; ms < BODY_MS_MAX; ms += PIECE_MS_MAX) {
    await pause(PIECE_MS_MAX, done);
    if (progress.bytes - seen < PIECE_BYTES) return;
    seen = progress.bytes;
  }
}

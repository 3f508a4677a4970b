import { randomOf } from './random.ts';
import type { Settings } from './settings.ts';
import type { Script, Step } from './step.ts';

const RANDOM_WRITE_BYTES_MAX = 96;

/** How large the next write is; null where every event is one. */
export function writeSizes({ cut, seed }: Settings): (() => number) | null {
  if (cut !== undefined) return () => cut;
  if (seed === undefined) return null;
  const random = randomOf(seed);
  // Squared: many small writes, which split characters and field names, and some that hold several events.
  return () => 1 + Math.floor(random() ** 2 * RANDOM_WRITE_BYTES_MAX);
}

/** The same bytes in writes of other sizes. A token counts once its last byte is out. */
export function* sliced(script: Script, nextSize: () => number): Generator<Step> {
  let run: Extract<Step, { kind: 'bytes' }>[] = [];
  for (const step of script) {
    if (step.kind === 'bytes') run.push(step);
    else {
      yield* slicesOf(run, nextSize);
      run = [];
      yield step;
    }
  }
  yield* slicesOf(run, nextSize);
}

function* slicesOf(
  run: readonly Extract<Step, { kind: 'bytes' }>[],
  nextSize: () => number,
): Generator<Step> {
  const bytes = Buffer.concat(run.map((step) => step.bytes));
  const ends: { readonly offset: number; readonly tokens: number }[] = [];
  let offset = 0;
  for (const step of run) {
    offset += step.bytes.length;
    if (step.tokens > 0) ends.push({ offset, tokens: step.tokens });
  }
  let next = 0;
  for (let start = 0; start < bytes.length || next < ends.length;) {
    const end = Math.min(bytes.length, start + nextSize());
    let tokens = 0;
    for (let due = ends[next]; due && due.offset <= end; due = ends[next]) {
      tokens += due.tokens;
      next += 1;
    }
    yield { kind: 'bytes', bytes: bytes.subarray(start, end), tokens };
    yield { kind: 'part' };
    start = end;
  }
}

export function* apart(script: Script): Generator<Step> {
  for (const step of script) {
    yield step;
    if (step.kind === 'bytes') yield { kind: 'part' };
  }
}

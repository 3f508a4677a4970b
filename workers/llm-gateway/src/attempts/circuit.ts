import { Instant } from '@gateway/worker-utils/time';

/** What one isolate knows of one model at one gateway. Nothing bad: there is none. */
export type Circuit = {
  /** In a row. */
  readonly failures: number;
  readonly failedAt: Instant;
  /** Until then it is asked last. Null: as if nothing were known. */
  readonly openUntil: Instant | null;
};

const FAILURES_MAX = 3;
/** What failed longer ago says nothing. */
const REMEMBERED_MS = 60_000;
/** Short: so much later than it could, traffic comes back. */
const OPEN_MS = 10_000;
/** So long others wait for the one that tries it out. */
const PROBE_MS = 15_000;

export const isOpen = (circuit: Circuit | undefined, now: Instant): boolean =>
  Boolean(circuit?.openUntil && now < circuit.openUntil);

/** Whoever asks now tries it out, and the others stay away meanwhile. */
export const probed = (circuit: Circuit, now: Instant): Circuit =>
  circuit.openUntil === null || isOpen(circuit, now)
    ? circuit
    : { ...circuit, openUntil: Instant.parse(now + PROBE_MS) };

export function failed(circuit: Circuit | undefined, now: Instant): Circuit {
  const known = circuit && now - circuit.failedAt <= REMEMBERED_MS ? circuit : undefined;
  const failures = (known?.failures ?? 0) + 1;
  const isOver = failures >= FAILURES_MAX;
  return { failures, failedAt: now, openUntil: isOver ? Instant.parse(now + OPEN_MS) : null };
}

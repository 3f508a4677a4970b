import { Instant } from '@gateway/worker-utils/time';

/** What one isolate knows of one model at one gateway. Nothing bad: there is none. */
export type Circuit = {
  /** In a row. */
  readonly failures: number;
  readonly failedAt: Instant;
  /** Until then it is asked last. Null: as if nothing were known. */
  readonly openUntil: Instant | null;
  /** Whether one request tries it out, and the others wait for that. */
  readonly isProbed: boolean;
  /** When it was last asked what other isolates know. */
  readonly askedAt: Instant | null;
};

const FAILURES_MAX = 3;
/** What failed longer ago says nothing. */
export const REMEMBERED_MS = 60_000;
/** Short: so much later than it could, traffic comes back. */
export const OPEN_MS = 10_000;
/** So long others wait for the one that tries it out. */
export const PROBE_MS = 15_000;
const ASK_MS = 5_000;
/** What others say keeps it away from here no longer after its last failure here: their word that it is back may get lost. */
const OTHERS_BELIEVED_MS = 25_000;

export const isOpen = (circuit: Circuit | undefined, now: Instant): boolean =>
  Boolean(circuit?.openUntil && now < circuit.openUntil);

/** Whoever asks now tries it out, and the others stay away meanwhile. */
export const probed = (circuit: Circuit, now: Instant): Circuit =>
  circuit.openUntil === null || isOpen(circuit, now)
    ? circuit
    : { ...circuit, openUntil: Instant.parse(now + PROBE_MS), isProbed: true };

export function failed(circuit: Circuit | undefined, now: Instant): Circuit {
  const known = circuit && now - circuit.failedAt <= REMEMBERED_MS ? circuit : undefined;
  const failures = (known?.failures ?? 0) + 1;
  // One that others have opened may have failed here but once.
  const isOver = failures >= FAILURES_MAX || Boolean(known?.openUntil);
  return {
    failures,
    failedAt: now,
    openUntil: isOver ? Instant.parse(now + OPEN_MS) : null,
    isProbed: false,
    askedAt: circuit?.askedAt ?? null,
  };
}

/** Whether others may know something that matters: not of one that is well, and every few seconds of one that is not. */
export const shouldAskPeers = ({ failedAt, openUntil, askedAt }: Circuit, now: Instant): boolean =>
  (openUntil !== null || now - failedAt <= REMEMBERED_MS) &&
  (askedAt === null || now - askedAt >= ASK_MS);

/** What others know. Spans instead of times: the clocks of two places need not agree. */
export type PeerKnowledge =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'open'; readonly forMs: number }
  | { readonly kind: 'closed'; readonly sinceMs: number };

type Heard = {
  readonly knowledge: PeerKnowledge;
  /** When it was asked: nothing that it says is newer, seen from here. */
  readonly askedAt: Instant;
  readonly now: Instant;
};

/** What is known here once others were heard. Null: nothing bad any more. */
export function withPeerKnowledge(
  circuit: Circuit,
  { knowledge, askedAt, now }: Heard,
): Circuit | null {
  switch (knowledge.kind) {
    case 'nothing':
      return circuit;
    case 'open': {
      const until = Math.min(now + knowledge.forMs, circuit.failedAt + OTHERS_BELIEVED_MS);
      return { ...circuit, openUntil: Instant.parse(Math.max(circuit.openUntil ?? 0, until)) };
    }
    case 'closed':
      return askedAt - knowledge.sinceMs > circuit.failedAt ? null : circuit;
  }
}

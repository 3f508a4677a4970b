import type { Script, Step } from './step.ts';

/** Where something happens to an answer: after so many tokens, or after so many bytes of its body. */
export type Point =
  | { readonly kind: 'token'; readonly after: number }
  | { readonly kind: 'byte'; readonly at: number };

export type Interruption = {
  readonly point: Point;
  /** What happens there. Steps that end the answer end it for good. */
  readonly steps: readonly Step[];
  readonly resumes: boolean;
};

/** The same script with something happening at one point of it; as it was, where it never gets that far. */
export function* interrupted(script: Script, interruption: Interruption): Generator<Step> {
  const { point, steps, resumes } = interruption;
  const reach = point.kind === 'token' ? tokenReach(point.after) : byteReach(point.at);
  let isOver = false;
  for (const step of script) {
    if (isOver || step.kind !== 'bytes') {
      yield step;
      continue;
    }
    const { before, after, isReached } = reach(step);
    if (before) yield before;
    if (isReached) {
      isOver = true;
      yield* steps;
      if (!resumes) return;
    }
    if (after) yield after;
  }
}

type BytesStep = Extract<Step, { kind: 'bytes' }>;
type Reached = {
  readonly before: BytesStep | null;
  readonly after: BytesStep | null;
  readonly isReached: boolean;
};

function tokenReach(after: number): (step: BytesStep) => Reached {
  let tokens = 0;
  return (step) => {
    // Zero tokens: whatever precedes the first one is still sent.
    if (after === 0 && step.tokens > 0) return { before: null, after: step, isReached: true };
    tokens += step.tokens;
    return { before: step, after: null, isReached: after > 0 && tokens >= after };
  };
}

function byteReach(at: number): (step: BytesStep) => Reached {
  let sent = 0;
  return (step) => {
    const left = at - sent;
    sent += step.bytes.length;
    if (step.bytes.length < left) return { before: step, after: null, isReached: false };
    const isWhole = step.bytes.length === left;
    return {
      before: isWhole ? step : { ...step, bytes: step.bytes.subarray(0, left), tokens: 0 },
      after: isWhole ? null : { ...step, bytes: step.bytes.subarray(left) },
      isReached: true,
    };
  };
}

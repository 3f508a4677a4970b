import { ExchangeId } from '@gateway/worker-utils/ids';
import { Instant } from '@gateway/worker-utils/time';
import { z } from 'zod';
import type { Refusal } from '../exchange/refusal.ts';

/** What is on disk of the answer to a key, beside its parts. */
export const StoredAnswer = z
  .object({
    /** The row that the answer is charged by. */
    exchange: ExchangeId,
    /** Of the request: SHA-256, in hex. */
    bodyHash: z.string(),
    /** `outgrown`: it was answered, but with more than is kept. */
    state: z.enum(['begun', 'complete', 'outgrown']),
    /** All of it, its head included. Counts once it is complete. */
    parts: z.int().nonnegative(),
    deleteAt: Instant,
  })
  .readonly();
export type StoredAnswer = z.infer<typeof StoredAnswer>;

/** What becomes of a request under a key. */
export type Decision<Running> =
  /**
   * Under a new exchange (null), or under that of an answer that died before its end. What the dead one has cost and what
   * the new one will is then one row of the books, and one charge.
   */
  | { readonly kind: 'begin'; readonly exchange: ExchangeId | null }
  | { readonly kind: 'join'; readonly running: Running }
  | { readonly kind: 'replay'; readonly kept: StoredAnswer }
  | { readonly kind: 'refuse'; readonly refusal: KeyRefusal['kind'] };
export type KeyRefusal = Extract<Refusal, { kind: 'key-reused' | 'key-answer-too-large' }>;

type Now<Running> = {
  readonly bodyHash: string;
  /** What is being answered under the key at this moment. */
  readonly running: Running | null;
};

export function decisionOn<Running extends { readonly isOutgrown: boolean }>(
  kept: StoredAnswer | null,
  { bodyHash, running }: Now<Running>,
): Decision<Running> {
  if (!kept) return { kind: 'begin', exchange: null };
  if (kept.bodyHash !== bodyHash) return { kind: 'refuse', refusal: 'key-reused' };
  switch (kept.state) {
    case 'complete':
      return { kind: 'replay', kept };
    case 'outgrown':
      return { kind: 'refuse', refusal: 'key-answer-too-large' };
    case 'begun':
      if (!running) return { kind: 'begin', exchange: kept.exchange };
      // Its beginning is no longer there to be told.
      if (running.isOutgrown) return { kind: 'refuse', refusal: 'key-answer-too-large' };
      return { kind: 'join', running };
  }
}

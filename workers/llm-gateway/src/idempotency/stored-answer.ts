import { ExchangeId } from '@gateway/worker-utils/ids';
import { Instant } from '@gateway/worker-utils/time';
import { z } from 'zod';
import type { Refusal } from '../exchange/refusal.ts';

/** The stored state of a key's answer, apart from its parts. */
export const StoredAnswer = z
  .object({
    /** Key of the usage row that charges the answer. */
    exchange: ExchangeId,
    /** SHA-256 of the request, in hex. */
    bodyHash: z.string(),
    /** `outgrown`: the answer exceeded the storage limit. */
    state: z.enum(['begun', 'complete', 'outgrown']),
    /** Number of parts, including the head. Valid once the answer is complete. */
    parts: z.int().nonnegative(),
    deleteAt: Instant,
  })
  .readonly();
export type StoredAnswer = z.infer<typeof StoredAnswer>;

/** How to handle a request that names a key. */
export type Decision<Running> =
  /**
   * Start an answer: under a new exchange (null), or under the exchange of an answer that died. Reusing the exchange puts
   * the cost of both attempts on one usage row and in one charge.
   */
  | { readonly kind: 'begin'; readonly exchange: ExchangeId | null }
  | { readonly kind: 'join'; readonly running: Running }
  | { readonly kind: 'replay'; readonly kept: StoredAnswer }
  | { readonly kind: 'refuse'; readonly refusal: KeyRefusal['kind'] };
export type KeyRefusal = Extract<Refusal, { kind: 'key-reused' | 'key-answer-too-large' }>;

type Now<Running> = {
  readonly bodyHash: string;
  /** The answer in progress under the key. */
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
      // The first parts were dropped, so a new listener cannot start at byte 0.
      if (running.isOutgrown) return { kind: 'refuse', refusal: 'key-answer-too-large' };
      return { kind: 'join', running };
  }
}

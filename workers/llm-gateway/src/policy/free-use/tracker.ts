import type { Instant } from '@gateway/worker-utils/time';
import type { FreeUse } from '../../pipeline/stages/throttle.ts';
import type { Turn } from '../../pipeline/stages/reserve.ts';
import {
  counted,
  type Counts,
  current,
  freeWindow,
  isFull,
  promotionWindow,
  retryAfterSeconds,
} from './window.ts';

/** What one address has used. */
export type Tracked = { readonly free: Counts; readonly promotion: Counts };
export const unused: Tracked = { free: {}, promotion: {} };

export function look({ free, promotion }: Tracked, now: Instant): FreeUse {
  const isFreeFull = isFull(freeWindow, free, now);
  return {
    isFull: isFreeFull,
    retryAfterSeconds: isFreeFull ? retryAfterSeconds(freeWindow, free, now) : 0,
    isPromotionOver: isFull(promotionWindow, promotion, now),
  };
}

/** Refused uses are not counted: a client that keeps asking does not lock itself out for longer. */
export function take(
  tracked: Tracked,
  use: { readonly now: Instant; readonly isAnonymous: boolean },
): { readonly turn: Turn; readonly tracked: Tracked } {
  const { now, isAnonymous } = use;
  if (isFull(freeWindow, tracked.free, now)) {
    const turn = {
      isTaken: false,
      retryAfterSeconds: retryAfterSeconds(freeWindow, tracked.free, now),
    } as const;
    return { turn, tracked };
  }
  return {
    turn: { isTaken: true },
    tracked: {
      free: counted(freeWindow, tracked.free, now),
      promotion: isAnonymous ? counted(promotionWindow, tracked.promotion, now) : tracked.promotion,
    },
  };
}

/** Whether no count is left in a window, so that the object may delete its storage. */
export const isForgotten = ({ free, promotion }: Tracked, now: Instant): boolean =>
  Object.keys(current(freeWindow, free, now)).length === 0 &&
  Object.keys(current(promotionWindow, promotion, now)).length === 0;

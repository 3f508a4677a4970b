import { Instant } from '@gateway/worker-utils/time';
import { z } from 'zod';

/** The record of a model that the catalogue lists as free but its provider charged for. Stored as JSON. */
export const ChargedModel = z.object({
  /** The charges that still count, oldest first. */
  chargedAt: z.array(z.number().pipe(Instant)),
  /** Until then it is refused to callers who don't pay. Null: it never was. */
  suspendedUntil: z.number().pipe(Instant).nullable(),
});
export type ChargedModel = z.infer<typeof ChargedModel>;

/** So many charges within the window suspend a model. */
const CHARGES_MAX = 3;
const WINDOW_MS = 10 * 60 * 1000;
const SUSPENDED_MS = 60 * 60 * 1000;

/** After one more charge. A charge of a request that began before the suspension prolongs nothing. */
export function chargedOnce(known: ChargedModel | null, now: Instant): ChargedModel {
  if (known && isSuspendedAt(known, now)) return known;
  const recent = known?.chargedAt.filter((at) => now - at < WINDOW_MS) ?? [];
  const chargedAt = [...recent, now];
  return chargedAt.length < CHARGES_MAX
    ? { chargedAt, suspendedUntil: null }
    : { chargedAt, suspendedUntil: Instant.parse(now + SUSPENDED_MS) };
}

export const isSuspendedAt = ({ suspendedUntil }: ChargedModel, now: Instant): boolean =>
  suspendedUntil !== null && now < suspendedUntil;

/** Whether the record no longer has any effect. */
export const isForgottenAt = (known: ChargedModel, now: Instant): boolean =>
  !isSuspendedAt(known, now) && known.chargedAt.every((at) => now - at >= WINDOW_MS);

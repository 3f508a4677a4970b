import { z } from 'zod';
import type { Item } from './item.ts';

const Moments = z.record(z.string(), z.unknown()).catch({});
const Timed = z.looseObject({
  time: Moments.optional(),
  state: z.looseObject({ time: Moments.optional() }).optional().catch(undefined),
});

/**
 * The newest moment that an item speaks of, by the client's clock; 0 where it names none. Batches may arrive out of order and
 * again: an item must not be replaced by what it was before.
 */
export function itemRevision({ data }: Item): number {
  const timed = Timed.safeParse(data);
  if (!timed.success) return 0;
  const moments = [timed.data.time, timed.data.state?.time].flatMap((times) =>
    Object.values(times ?? {}),
  );
  return moments.reduce<number>(
    (newest, moment) =>
      typeof moment === 'number' && Number.isFinite(moment) ? Math.max(newest, moment) : newest,
    0,
  );
}

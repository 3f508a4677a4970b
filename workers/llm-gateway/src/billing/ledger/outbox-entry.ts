import { Instant } from '@gateway/worker-utils/time';
import { z } from 'zod';
import { type Consequence, delivery } from '../consequences/consequence.ts';
import { isRecord } from '../../request/chat-request.ts';

/** Only this code writes and reads the value, so `kind` alone identifies its shape. */
const StoredConsequence = z.custom<Consequence>(
  (value) => isRecord(value) && typeof value['kind'] === 'string' && value['kind'] in delivery,
);

/** A consequence that must happen at least once. It is stored until it succeeds. */
export const OutboxEntry = z
  .object({
    id: z.string(),
    consequence: StoredConsequence,
    tries: z.int().nonnegative(),
    nextAt: Instant,
    since: Instant,
  })
  .readonly();
export type OutboxEntry = z.infer<typeof OutboxEntry>;

const RETRY_AFTER_MS = 5_000;
const RETRY_AFTER_MS_MAX = 60 * 60 * 1000;
const TRIED_MS_MAX = 7 * 24 * 60 * 60 * 1000;

export const outboxEntryOf = (consequence: Consequence, now: Instant): OutboxEntry => ({
  id: `${consequence.exchange} ${consequence.kind}`,
  consequence,
  tries: 0,
  nextAt: Instant.parse(now + RETRY_AFTER_MS),
  since: now,
});

/** The entry after a failed try. Null after too many failures: it then needs an operator. */
export function postponed(errand: OutboxEntry, now: Instant): OutboxEntry | null {
  if (now - errand.since >= TRIED_MS_MAX) return null;
  const wait = Math.min(RETRY_AFTER_MS * 2 ** errand.tries, RETRY_AFTER_MS_MAX);
  return { ...errand, tries: errand.tries + 1, nextAt: Instant.parse(now + wait) };
}

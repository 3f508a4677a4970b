import { Instant } from '@gateway/worker-utils/time';
import { type Knowledge, OPEN_MS, PROBE_MS, REMEMBERED_MS } from './circuit.ts';

// Each isolate decides by itself whom it asks. Here is what isolates tell one another of one model at one gateway.

/** What one has found. `probing`: it tries it out. */
export type News = 'opened' | 'probing' | 'closed';

/** Null: nobody has told anything. */
export type Shared =
  | { readonly kind: 'open'; readonly until: Instant }
  | { readonly kind: 'closed'; readonly at: Instant }
  | null;

/** The last word counts: it holds for seconds, whoever it came from. */
export function sharedBy(news: News, now: Instant): Shared {
  switch (news) {
    case 'opened':
      return { kind: 'open', until: Instant.parse(now + OPEN_MS) };
    case 'probing':
      return { kind: 'open', until: Instant.parse(now + PROBE_MS) };
    case 'closed':
      return { kind: 'closed', at: now };
  }
}

export function knowledgeOf(shared: Shared, now: Instant): Knowledge {
  if (shared?.kind === 'open' && now < shared.until) {
    return { kind: 'open', forMs: shared.until - now };
  }
  if (shared?.kind === 'closed' && now - shared.at <= REMEMBERED_MS) {
    return { kind: 'closed', sinceMs: now - shared.at };
  }
  return { kind: 'nothing' };
}

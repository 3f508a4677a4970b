import { Instant } from '@gateway/worker-utils/time';
import { type PeerKnowledge, OPEN_MS, PROBE_MS, REMEMBERED_MS } from './circuit.ts';

// Each isolate decides by itself whom it asks. Here is what isolates tell one another of one model at one gateway.

/** What one has found. `probing`: it tries it out. */
export type CircuitEvent = 'opened' | 'probing' | 'closed';

/** Null: nobody has told anything. */
export type SharedState =
  | { readonly kind: 'open'; readonly until: Instant }
  | { readonly kind: 'closed'; readonly at: Instant }
  | null;

/** The last word counts: it holds for seconds, whoever it came from. */
export function sharedStateAfter(news: CircuitEvent, now: Instant): SharedState {
  switch (news) {
    case 'opened':
      return { kind: 'open', until: Instant.parse(now + OPEN_MS) };
    case 'probing':
      return { kind: 'open', until: Instant.parse(now + PROBE_MS) };
    case 'closed':
      return { kind: 'closed', at: now };
  }
}

export function peerKnowledgeOf(shared: SharedState, now: Instant): PeerKnowledge {
  if (shared?.kind === 'open' && now < shared.until) {
    return { kind: 'open', forMs: shared.until - now };
  }
  if (shared?.kind === 'closed' && now - shared.at <= REMEMBERED_MS) {
    return { kind: 'closed', sinceMs: now - shared.at };
  }
  return { kind: 'nothing' };
}

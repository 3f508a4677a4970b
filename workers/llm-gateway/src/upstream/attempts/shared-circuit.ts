import { Instant } from '@gateway/worker-utils/time';
import {
  type CircuitEvent,
  type PeerKnowledge,
  OPEN_MS,
  PROBE_MS,
  REMEMBERED_MS,
} from './circuit-breakers.ts';

// Each isolate decides by itself which target to try. This is the state that isolates share for one model at one provider.

/** Null: no isolate has published an event. */
export type SharedState =
  | { readonly kind: 'open'; readonly until: Instant }
  | { readonly kind: 'closed'; readonly at: Instant }
  | null;

/** The latest event wins, whichever isolate published it: its effect lasts only seconds. */
export function sharedStateAfter(event: CircuitEvent, now: Instant): SharedState {
  switch (event) {
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

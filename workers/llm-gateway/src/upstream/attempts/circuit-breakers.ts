import type { ModelId } from '@gateway/worker-utils/ids';
import type { Clock, Instant } from '@gateway/worker-utils/time';
import type { Call } from '../../exchange/exchange.ts';
import {
  type Circuit,
  failed,
  withPeerKnowledge,
  isOpen,
  shouldAskPeers,
  type PeerKnowledge,
  probed,
} from './circuit.ts';
import { type CircuitKey, circuitName, CIRCUITS_MAX } from './circuit-key.ts';
import type { CircuitEvent } from './shared-circuit.ts';

/** `answering`: its first token has come. `answered`: all of it has. */
type Heard = 'failed' | 'answering' | 'answered';

/** Who does not answer is not asked first any more, until it does again. */
export type CircuitBreakers = {
  /** The calls in the order in which they are to be tried: those that keep failing last. */
  readonly inOrder: (calls: readonly Call[], model: ModelId) => readonly Call[];
  readonly recordOutcome: (place: CircuitKey, heard: Heard) => void;
};

/** The other isolates. Neither is waited for, and either may come to nothing. */
export type Peers = {
  readonly publish: (place: string, news: CircuitEvent) => void;
  readonly ask: (place: string, hear: (knowledge: PeerKnowledge) => void) => void;
};
const noPeers: Peers = { publish: () => undefined, ask: () => undefined };

/** Keeps plain values alone, so that requests can share them. */
export function circuitBreakers(
  memory: Map<string, Circuit>,
  clock: Clock,
  others: Peers = noPeers,
): CircuitBreakers {
  const keep = (key: string, circuit: Circuit | null): void => {
    if (circuit) memory.set(key, circuit);
    else memory.delete(key);
  };
  const tell = (place: CircuitKey, news: CircuitEvent): void => {
    if (isPlatform(place)) others.publish(circuitName(place), news);
  };
  /** Of one that is well, nobody is asked. */
  const consult = (place: CircuitKey, now: Instant): void => {
    const key = circuitName(place);
    const circuit = memory.get(key);
    if (!circuit || !isPlatform(place) || !shouldAskPeers(circuit, now)) return;
    keep(key, { ...circuit, askedAt: now });
    others.ask(key, (knowledge) => {
      const known = memory.get(key);
      if (known) keep(key, withPeerKnowledge(known, { knowledge, askedAt: now, now: clock.now() }));
    });
  };
  return {
    inOrder(calls, model) {
      const [first, ...rest] = calls;
      if (!first || rest.length === 0) return calls;
      const now = clock.now();
      for (const { target } of calls) consult({ target, model }, now);
      const isLast = ({ target }: Call) => isOpen(memory.get(circuitName({ target, model })), now);
      const ordered = [...calls.filter((call) => !isLast(call)), ...calls.filter(isLast)];
      const chosen = { target: ordered[0]?.target ?? first.target, model };
      const circuit = memory.get(circuitName(chosen));
      const next = circuit && probed(circuit, now);
      if (next) keep(circuitName(chosen), next);
      if (next !== circuit) tell(chosen, 'probing');
      return ordered;
    },
    recordOutcome(place, heard) {
      const key = circuitName(place);
      const circuit = memory.get(key);
      // A token shows that it is back, but not that it will not break off once more.
      const isOver = heard === 'answered' || (heard === 'answering' && circuit?.openUntil);
      if (isOver) memory.delete(key);
      if (isOver && circuit?.openUntil) tell(place, 'closed');
      if (heard !== 'failed') return;
      const now = clock.now();
      const next = failed(circuit, now);
      keep(key, next);
      const wasOpen = isOpen(circuit, now) && circuit?.isProbed !== true;
      if (isOpen(next, now) && !wasOpen) tell(place, 'opened');
      else consult(place, now);
      const [oldest] = memory.keys();
      if (memory.size > CIRCUITS_MAX && oldest !== undefined) memory.delete(oldest);
    },
  };
}

const isPlatform = ({ target }: CircuitKey): boolean => target.kind === 'platform';

import type { ModelId } from '@gateway/worker-utils/ids';
import type { Clock } from '@gateway/worker-utils/time';
import type { Call, Target } from '../exchange.ts';
import { type Circuit, failed, isOpen, probed } from './circuit.ts';

/** `answering`: its first token has come. `answered`: all of it has. */
type Heard = 'failed' | 'answering' | 'answered';
type Place = { readonly target: Target; readonly model: ModelId };

/** Who does not answer is not asked first any more, until it does again. */
export type Circuits = {
  /** The calls in the order in which they are to be tried: those that keep failing last. */
  readonly inOrder: (calls: readonly Call[], model: ModelId) => readonly Call[];
  readonly hear: (place: Place, heard: Heard) => void;
};

/** Clients name models: without a limit they could name more than fits. */
const PLACES_MAX = 1000;

/** Keeps plain values alone, so that requests can share them. */
export function circuitsIn(memory: Map<string, Circuit>, clock: Clock): Circuits {
  return {
    inOrder(calls, model) {
      const [first, ...rest] = calls;
      if (!first || rest.length === 0) return calls;
      const now = clock.now();
      const isLast = ({ target }: Call) => isOpen(memory.get(keyOf({ target, model })), now);
      const ordered = [...calls.filter((call) => !isLast(call)), ...calls.filter(isLast)];
      const chosen = keyOf({ target: ordered[0]?.target ?? first.target, model });
      const circuit = memory.get(chosen);
      if (circuit) memory.set(chosen, probed(circuit, now));
      return ordered;
    },
    hear(place, heard) {
      const key = keyOf(place);
      const circuit = memory.get(key);
      // A token shows that it is back, but not that it will not break off once more.
      const isOver = heard === 'answered' || (heard === 'answering' && circuit?.openUntil);
      if (isOver) memory.delete(key);
      if (heard !== 'failed') return;
      memory.set(key, failed(circuit, clock.now()));
      const [oldest] = memory.keys();
      if (memory.size > PLACES_MAX && oldest !== undefined) memory.delete(oldest);
    },
  };
}

/** An own key or an endpoint of somebody's own says nothing of the house's. */
const keyOf = ({ target, model }: Place): string => `${target.kind} ${target.provider} ${model}`;

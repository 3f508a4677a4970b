import type { Clock } from '@gateway/worker-utils/time';
import type { Target } from '../exchange.ts';

type Place = { readonly target: Target; readonly model: string };

/**
 * Who has sent events lately that are no JSON. A client may break off at one, and asks again: then each event is looked at, and
 * such a one is left out. To look at every event of everybody would cost more than all the rest of a stream.
 */
export type Garbled = {
  readonly isKnown: (place: Place) => boolean;
  readonly hear: (place: Place) => void;
};

const REMEMBERED_MS = 600_000;
/** Clients name models: without a limit they could name more than fits. */
const PLACES_MAX = 1000;

/** @param memory until when, by place. Plain values alone, so that requests can share them. */
export function garbledIn(memory: Map<string, number>, clock: Clock): Garbled {
  return {
    isKnown: (place) => (memory.get(keyOf(place)) ?? 0) > clock.now(),
    hear(place) {
      const key = keyOf(place);
      memory.delete(key);
      memory.set(key, clock.now() + REMEMBERED_MS);
      const [oldest] = memory.keys();
      if (memory.size > PLACES_MAX && oldest !== undefined) memory.delete(oldest);
    },
  };
}

const keyOf = ({ target, model }: Place): string => `${target.kind} ${target.provider} ${model}`;

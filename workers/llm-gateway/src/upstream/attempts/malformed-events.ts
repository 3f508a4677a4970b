import type { Clock } from '@gateway/worker-utils/time';
import { keepNewest } from '@gateway/worker-utils/keep-newest';
import { type CircuitKey, circuitName, CIRCUITS_MAX } from './circuit-key.ts';

/**
 * Who has sent events lately that are no JSON. A client may break off at one, and asks again: then each event is looked at, and
 * such a one is left out. To look at every event of everybody would cost more than all the rest of a stream.
 */
export type MalformedEventMemory = {
  readonly isKnown: (place: CircuitKey) => boolean;
  readonly record: (place: CircuitKey) => void;
};

const REMEMBERED_MS = 600_000;

/** @param memory until when, by place. Plain values alone, so that requests can share them. */
export function malformedEventMemory(
  memory: Map<string, number>,
  clock: Clock,
): MalformedEventMemory {
  return {
    isKnown: (place) => (memory.get(circuitName(place)) ?? 0) > clock.now(),
    record(place) {
      keepNewest(memory, [circuitName(place), clock.now() + REMEMBERED_MS], CIRCUITS_MAX);
    },
  };
}

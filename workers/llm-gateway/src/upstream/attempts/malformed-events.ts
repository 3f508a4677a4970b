import type { Clock } from '@gateway/worker-utils/time';
import { keepNewest } from '@gateway/worker-utils/keep-newest';
import { type CircuitKey, circuitName, CIRCUITS_MAX } from './circuit-breakers.ts';

/**
 * Which targets have recently sent events that are not JSON. Clients may fail on such an event and retry; the retry then parses
 * every event and drops malformed ones. Parsing every event of every stream would cost more than the rest of the relay.
 */
export type MalformedEventMemory = {
  readonly isKnown: (key: CircuitKey) => boolean;
  readonly record: (key: CircuitKey) => void;
};

const REMEMBERED_MS = 600_000;

/** @param memory expiry times by circuit name. Holds only plain values, so that requests can share it. */
export function malformedEventMemory(
  memory: Map<string, number>,
  clock: Clock,
): MalformedEventMemory {
  return {
    isKnown: (key) => (memory.get(circuitName(key)) ?? 0) > clock.now(),
    record(key) {
      keepNewest(memory, [circuitName(key), clock.now() + REMEMBERED_MS], CIRCUITS_MAX);
    },
  };
}

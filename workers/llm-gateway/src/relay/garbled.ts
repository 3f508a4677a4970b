import type { Clock } from '@gateway/worker-utils/time';
import { keepNewest } from '@gateway/worker-utils/keep-newest';
import { type Place, placeName, PLACES_MAX } from '../attempts/place.ts';

/**
 * Who has sent events lately that are no JSON. A client may break off at one, and asks again: then each event is looked at, and
 * such a one is left out. To look at every event of everybody would cost more than all the rest of a stream.
 */
export type Garbled = {
  readonly isKnown: (place: Place) => boolean;
  readonly hear: (place: Place) => void;
};

const REMEMBERED_MS = 600_000;

/** @param memory until when, by place. Plain values alone, so that requests can share them. */
export function garbledIn(memory: Map<string, number>, clock: Clock): Garbled {
  return {
    isKnown: (place) => (memory.get(placeName(place)) ?? 0) > clock.now(),
    hear(place) {
      keepNewest(memory, [placeName(place), clock.now() + REMEMBERED_MS], PLACES_MAX);
    },
  };
}

import { withObjectRetry } from '@gateway/worker-utils/with-object-retry';
import { keepNewest } from '@gateway/worker-utils/keep-newest';
import { TimeoutError, withTimeout } from '@gateway/worker-utils/with-timeout';
import { look, take, type Tracked, unused } from '../../../policy/free-use/tracker.ts';
import { addressKey, type ClientAddress } from '../../../request/client-address.ts';
import type { FreeUseTake, Turn } from '../../../pipeline/stages/reserve.ts';
import type { FreeUse, FreeUseLook } from '../../../pipeline/stages/throttle.ts';
import type { Log } from '@gateway/worker-utils/json-log';
import type { RateLimiter } from '../rate-limiter.ts';
import { pause } from '@gateway/worker-utils/pause';
import { systemChance } from '../../system.ts';
import { systemClock } from '@gateway/worker-utils/system-clock';

const CALL_MS_MAX = 1_000;
/** One flooded address must not slow the others down: its own callers wait. */
const overloaded = { isFull: true, retryAfterSeconds: 5, isPromotionOver: false } as const;

/** One object for each address. */
export type RateLimiters = Pick<DurableObjectNamespace<RateLimiter>, 'getByName'>;

type Needs = {
  readonly objects: RateLimiters;
  /** Pseudonym of an address. Object names are shown by the platform's tools. */
  readonly nameOf: (address: ClientAddress) => Promise<string>;
  readonly log: Log;
};

/**
 * Free use as the address's own object counts it. Where the object can't be reached at all, this isolate counts by itself
 * in a window of the same size: free requests go on, a little more of them than otherwise.
 */
export function freeUseOf({ objects, nameOf, log }: Needs): FreeUseLook & FreeUseTake {
  const objectOf = async (address: ClientAddress) => objects.getByName(await nameOf(address));
  return {
    async look(address): Promise<FreeUse> {
      try {
        const name = await nameOf(address);
        const ask = { stub: () => objects.getByName(name), pause, chance: systemChance };
        const call = withObjectRetry(ask, async (object): Promise<FreeUse> => object.look());
        return await withTimeout(call, CALL_MS_MAX, 'limiter');
      } catch (cause) {
        if (isOverload(cause)) return overloaded;
        log.warn('limiter unreachable', { cause });
        return look(localTracked(address), systemClock.now());
      }
    },
    async take(address, use): Promise<Turn> {
      try {
        const object = await objectOf(address);
        // Once: it may have been counted although its answer was lost, and a turn is not taken twice.
        const call = async (): Promise<Turn> => object.take({ address, ...use });
        return await withTimeout(call(), CALL_MS_MAX, 'limiter');
      } catch (cause) {
        if (isOverload(cause)) return { ...overloaded, isTaken: false };
        log.warn('limiter unreachable', { cause });
        return takeLocally(address, use.user === null);
      }
    },
  };
}

const isOverload = (cause: unknown): boolean =>
  cause instanceof TimeoutError ||
  (cause instanceof Error && 'overloaded' in cause && cause.overloaded === true);

/** Bounded: the oldest address is forgotten. Plain values, so that requests may share it. */
const LOCAL_ADDRESSES_MAX = 10_000;
const localUse = new Map<string, Tracked>();

const localTracked = (address: ClientAddress): Tracked =>
  localUse.get(addressKey(address)) ?? unused;

function takeLocally(address: ClientAddress, isAnonymous: boolean): Turn {
  const { turn, tracked } = take(localTracked(address), { now: systemClock.now(), isAnonymous });
  keepNewest(localUse, [addressKey(address), tracked], LOCAL_ADDRESSES_MAX);
  return turn;
}

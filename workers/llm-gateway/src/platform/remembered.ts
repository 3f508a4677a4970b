import type { Clock } from '@gateway/worker-utils/time';

/** What an isolate remembers of one thing: a plain value, that requests may share. */
export type Memory<T> = {
  value: T | null;
  dueAt: number;
  /** Since when a request reads it. Null: none does. It may have been ended in the middle. */
  readingSince: number | null;
  /** The last reading has failed. */
  isFailing: boolean;
};
export const emptyMemory = <T>(): Memory<T> => ({
  value: null,
  dueAt: -Infinity,
  readingSince: null,
  isFailing: false,
});

export type Remembered<T> = {
  /** As it is remembered, however old. Null: not known, or not yet. */
  readonly known: () => T | null;
  /** Read again where it is due; as it is remembered, where it can't be read. Never rejects. */
  readonly current: () => Promise<T | null>;
  /** Reads it again where that is due, for whoever comes next. Never rejects. */
  readonly refresh: () => Promise<void>;
  /** Resolves when it is known, however old, or can't be read now. Requests share a reading. Never rejects. */
  readonly settled: () => Promise<void>;
};

type Needs<T> = {
  readonly memory: Memory<T>;
  /** Has to give up by itself. */
  readonly read: () => Promise<T>;
  readonly clock: Clock;
  readonly freshMs: number;
  readonly pause: (ms: number) => Promise<void>;
  readonly reportFailure: (cause: unknown) => void;
};

/** After a failure. */
const RETRY_MS = 10_000;
/** How long one request waits for what another one reads. */
const SHARED_MS_MAX = 5_000;
const LOOK_MS = 10;

/** Something that is the same for everybody and seldom changes. */
export function rememberedOf<T>(needs: Needs<T>): Remembered<T> {
  const { memory, read, clock, freshMs, pause, reportFailure } = needs;
  const isDue = () => clock.now() >= memory.dueAt;
  const readNow = async (): Promise<T | null> => {
    const now = clock.now();
    // Before it is read: one request of an isolate does it, the others go on with what is known.
    memory.dueAt = now + freshMs;
    memory.readingSince = now;
    try {
      memory.value = await read();
      memory.isFailing = false;
    } catch (cause) {
      memory.dueAt = now + RETRY_MS;
      memory.isFailing = true;
      reportFailure(cause);
    }
    if (memory.readingSince === now) memory.readingSince = null;
    return memory.value;
  };
  const isBeingRead = () => clock.now() - (memory.readingSince ?? -Infinity) < SHARED_MS_MAX;
  return {
    known: () => memory.value,
    current: async () => (memory.value === null || isDue() ? readNow() : memory.value),
    async refresh() {
      if (isDue()) await readNow();
    },
    async settled() {
      while (memory.value === null && isBeingRead()) await pause(LOOK_MS);
      if (memory.value === null && (isDue() || !memory.isFailing)) await readNow();
    },
  };
}

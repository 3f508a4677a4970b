import type { Clock } from '@gateway/worker-utils/time';

/** What an isolate remembers of one thing: a plain value, that requests may share. */
export type Memory<T> = { value: T | null; dueAt: number };
export const emptyMemory = <T>(): Memory<T> => ({ value: null, dueAt: -Infinity });

export type Remembered<T> = {
  /** As it is remembered, however old. Null: not known, or not yet. */
  readonly known: () => T | null;
  /** Read again where it is due; as it is remembered, where it can't be read. Never rejects. */
  readonly current: () => Promise<T | null>;
  /** Reads it again where that is due, for whoever comes next. Never rejects. */
  readonly refresh: () => Promise<void>;
};

type Needs<T> = {
  readonly memory: Memory<T>;
  /** Has to give up by itself. */
  readonly read: () => Promise<T>;
  readonly clock: Clock;
  readonly freshMs: number;
  readonly reportFailure: (cause: unknown) => void;
};

/** After a failure. */
const RETRY_MS = 10_000;

/** Something that is the same for everybody and seldom changes. */
export function rememberedOf<T>(needs: Needs<T>): Remembered<T> {
  const { memory, read, clock, freshMs, reportFailure } = needs;
  const isDue = () => clock.now() >= memory.dueAt;
  const readNow = async (): Promise<T | null> => {
    const now = clock.now();
    // Before it is read: one request of an isolate does it, the others go on with what is known.
    memory.dueAt = now + freshMs;
    try {
      memory.value = await read();
    } catch (cause) {
      memory.dueAt = now + RETRY_MS;
      reportFailure(cause);
    }
    return memory.value;
  };
  return {
    known: () => memory.value,
    current: async () => (memory.value === null || isDue() ? readNow() : memory.value),
    async refresh() {
      if (isDue()) await readNow();
    },
  };
}

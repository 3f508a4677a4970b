/** How often an object is asked again when the platform says that this may help. */
export type RetryConfig = {
  readonly maxAttempts: number;
  readonly baseBackoffMs: number;
  readonly maxBackoffMs: number;
};

export const defaultRetryConfig = {
  maxAttempts: 3,
  baseBackoffMs: 100,
  maxBackoffMs: 5_000,
} as const satisfies RetryConfig;

export type RetryNeeds<Stub> = {
  /** A new one for each attempt: a stub that has failed stays broken. */
  readonly stub: () => Stub;
  readonly pause: (ms: number) => Promise<void>;
  /** From 0 to 1: spreads those that failed at the same moment. */
  readonly chance: () => number;
  readonly config?: RetryConfig;
};

/** Calls a Durable Object. Only what the platform marks as retryable is tried again; the last error is thrown as it came. */
export async function withObjectRetry<Stub, T>(
  { stub, pause, chance, config = defaultRetryConfig }: RetryNeeds<Stub>,
  call: (stub: Stub) => Promise<T>,
): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await call(stub());
    } catch (cause) {
      const error = cause instanceof Error ? cause : new Error(String(cause), { cause });
      if (attempt + 1 >= config.maxAttempts || !isRetryable(error)) throw error;
      await pause(Math.min(config.maxBackoffMs, config.baseBackoffMs * 2 ** attempt * chance()));
    }
  }
}

/** An overloaded object gets worse by being asked again. */
const isRetryable = (error: Error): boolean =>
  'retryable' in error &&
  error.retryable === true &&
  !('overloaded' in error && error.overloaded === true);

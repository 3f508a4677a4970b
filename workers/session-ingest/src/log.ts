import { jsonLog } from '@gateway/worker-utils/json-log';

export const consoleLog = jsonLog({});

/** An error's message may hold what it failed on: its kind must do. */
export const kindOf = (cause: unknown): string =>
  cause instanceof Error ? cause.name : typeof cause;

/** Structured log lines, one JSON object each: names, counts and kinds of errors. Never an item, a title, a token or an id of a user. */
export type Log = {
  readonly info: (message: string, fields?: Fields) => void;
  readonly warn: (message: string, fields?: Fields) => void;
  readonly error: (message: string, fields?: Fields) => void;
};
type Fields = Readonly<Record<string, unknown>>;

const write =
  (level: 'info' | 'warn' | 'error') =>
  (message: string, fields: Fields = {}) => {
    // oxlint-disable-next-line eslint/no-console -- The platform takes its logs from here.
    console[level](JSON.stringify({ level, message, ...fields }));
  };

export const consoleLog: Log = {
  info: write('info'),
  warn: write('warn'),
  error: write('error'),
};

/** An error's message may hold what it failed on: its kind must do. */
export const kindOf = (cause: unknown): string =>
  cause instanceof Error ? cause.name : typeof cause;

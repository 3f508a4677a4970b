/** Structured log lines, one JSON object each: names and counts. Never a body, a token, a webhook or an address. */
export type Log = {
  readonly info: (message: string, fields?: Fields) => void;
  readonly error: (message: string, fields?: Fields) => void;
};
type Fields = Readonly<Record<string, unknown>>;

const write =
  (level: 'info' | 'error') =>
  (message: string, fields: Fields = {}) => {
    // oxlint-disable-next-line eslint/no-console -- The platform takes its logs from here.
    console[level](JSON.stringify({ level, message, ...fields }));
  };

export const consoleLog: Log = { info: write('info'), error: write('error') };

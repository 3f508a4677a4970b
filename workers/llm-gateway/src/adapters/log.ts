/**
 * Structured log lines, one JSON object each: ids, names, counts and durations. Never a body, a header, a token, a key or
 * an address: what is logged is listed by the caller, field by field.
 */
export type Log = {
  readonly info: (message: string, fields?: Fields) => void;
  readonly warn: (message: string, fields?: Fields) => void;
  readonly error: (message: string, fields?: Fields) => void;
};
type Fields = Readonly<Record<string, unknown>>;

export function consoleLog(context: Fields): Log {
  const write =
    (level: 'info' | 'warn' | 'error') =>
    (message: string, fields: Fields = {}) => {
      // oxlint-disable-next-line eslint/no-console -- The platform takes its logs from here.
      console[level](JSON.stringify({ level, message, ...context, ...describeCause(fields) }));
    };
  return { info: write('info'), warn: write('warn'), error: write('error') };
}

/** An error's message may hold what it failed on (a row, a URL): its name and place are enough to find it. */
function describeCause({ cause, ...fields }: Fields): Fields {
  if (cause === undefined) return fields;
  if (!(cause instanceof Error)) return { ...fields, cause: typeof cause };
  const code = 'code' in cause ? { code: String(cause.code) } : {};
  const place = cause.stack
    ?.split('\n')
    .slice(1, 4)
    .map((line) => line.trim());
  return { ...fields, cause: cause.name, ...code, ...(place && { place }) };
}

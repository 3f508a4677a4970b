/**
 * Structured log lines, one JSON object each: ids, names, counts and durations. Never a body, a header, a token, a key or
 * an address: what is logged is listed by the caller, field by field.
 */
export type Log = {
  readonly info: (message: string, fields?: LogFields) => void;
  readonly warn: (message: string, fields?: LogFields) => void;
  readonly error: (message: string, fields?: LogFields) => void;
};
export type LogFields = Readonly<Record<string, unknown>>;

/**
 * @param context what every line holds.
 * @param shown what of a line's own fields may be written.
 */
export function jsonLog(context: LogFields, shown = (fields: LogFields): LogFields => fields): Log {
  const write =
    (level: 'info' | 'warn' | 'error') =>
    (message: string, fields: LogFields = {}) => {
      // oxlint-disable-next-line eslint/no-console -- The platform takes its logs from here.
      console[level](JSON.stringify({ level, message, ...context, ...shown(fields) }));
    };
  return { info: write('info'), warn: write('warn'), error: write('error') };
}

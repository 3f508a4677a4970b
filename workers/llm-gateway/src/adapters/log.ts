import { jsonLog, type Log, type LogFields } from '@gateway/worker-utils/json-log';

export const consoleLog = (context: LogFields): Log => jsonLog(context, describeCause);

/** An error's message may hold what it failed on (a row, a URL): its name and place are enough to find it. */
function describeCause({ cause, ...fields }: LogFields): LogFields {
  if (cause === undefined) return fields;
  if (!(cause instanceof Error)) return { ...fields, cause: typeof cause };
  const code = 'code' in cause ? { code: String(cause.code) } : {};
  const place = cause.stack
    ?.split('\n')
    .slice(1, 4)
    .map((line) => line.trim());
  return { ...fields, cause: cause.name, ...code, ...(place && { place }) };
}

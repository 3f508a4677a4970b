import { jsonLog, type Log, type LogFields } from '@gateway/worker-utils/json-log';
import { errorLocationOf } from './error-location.ts';

export const consoleLog = (context: LogFields): Log => jsonLog(context, describeCause);

/** An error's message may hold what it failed on (a row, a URL): its name and place are enough to find it. */
function describeCause({ cause, ...fields }: LogFields): LogFields {
  if (cause === undefined) return fields;
  if (!(cause instanceof Error)) return { ...fields, cause: typeof cause };
  const code = 'code' in cause ? { code: String(cause.code) } : {};
  return { ...fields, cause: cause.name, ...code, place: errorLocationOf(cause) };
}

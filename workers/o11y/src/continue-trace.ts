import { traceRequest } from '@gateway/worker-utils/request-trace';
import { jsonLog } from '@gateway/worker-utils/json-log';
import { systemClock } from '@gateway/worker-utils/system-clock';
import type { Bindings } from './bindings.ts';
import { post } from './post.ts';
import { secretOf } from './secret-of.ts';

type Place = {
  readonly env: Bindings;
  readonly waitUntil: (work: Promise<unknown>) => void;
};
type Called = {
  readonly name: string;
  readonly traceparent: string | null | undefined;
  readonly isOurs: boolean;
};

/** Runs what is asked for as a part of the trace of who asks. No trace begins here, and nobody outside begins one here. */
export async function continueTrace<T>(
  { env, waitUntil }: Place,
  called: Called,
  work: () => Promise<T>,
): Promise<T> {
  const trace = traceRequest(
    {
      endpoint: env.OTEL_EXPORTER_OTLP_ENDPOINT,
      headers: () => secretOf(env, 'OTEL_EXPORTER_OTLP_HEADERS'),
      sampledPart: 0,
      serviceName: 'o11y',
      post,
      clock: systemClock,
      chance: () => 1,
      fill: (bytes) => crypto.getRandomValues(bytes),
      reportFailure: (cause) => jsonLog({}).warn('traces not sent', { cause: String(cause) }),
    },
    called,
  );
  try {
    const result = await work();
    trace.describe({});
    return result;
  } catch (cause) {
    trace.describe({}, 'error');
    throw cause;
  } finally {
    waitUntil(trace.send());
  }
}

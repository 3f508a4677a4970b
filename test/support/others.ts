import { sentryDsn } from './sentry-events.ts';
import { type Behaviour, type Sink, startSink } from './sink.ts';

/** Everybody that the gateway tells something, each played by a sink. */
export const others = ['abuse', 'mailer', 'posthog', 'sentry', 'traces'] as const;
type Other = (typeof others)[number];
export type Others = {
  readonly sinks: Readonly<Record<Other, Sink>>;
  /** What a world needs to be set up with. */
  readonly environment: Readonly<Record<string, string>>;
  readonly behave: (behaviour: Behaviour) => void;
  readonly close: () => Promise<void>;
};

/** An answer that the abuse service may give. */
export const VERDICT = { verdict: 'ALLOW', risk_score: 0, signals: [], request_id: 1 };

export async function startOthers(): Promise<Others> {
  const sinks = {
    abuse: await startSink({ status: 200, body: VERDICT }),
    mailer: await startSink(),
    posthog: await startSink(),
    sentry: await startSink(),
    traces: await startSink(),
  };
  const all = Object.values(sinks);
  return {
    sinks,
    environment: {
      ABUSE_SERVICE_URL: sinks.abuse.url,
      CUSTOMERIO_BASE_URL: sinks.mailer.url,
      CUSTOMERIO_API_KEY: 'key-of-the-mailer',
      POSTHOG_HOST: sinks.posthog.url,
      POSTHOG_API_KEY: 'key-of-posthog',
      SENTRY_DSN: sentryDsn(sinks.sentry),
      OTEL_EXPORTER_OTLP_ENDPOINT: sinks.traces.url,
      OTEL_TRACES_SAMPLER_ARG: '1',
    },
    behave: (behaviour) => {
      for (const sink of all) sink.behave(behaviour);
    },
    async close() {
      await Promise.all(all.map((sink) => sink.close()));
    },
  };
}

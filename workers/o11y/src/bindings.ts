import type { AlertConfigDO } from './alert-config-do.ts';
import type { EmbeddedMetrics } from './embedded-metrics.ts';

/** Named here, not taken from the generated `Env`: the gateway's types import this worker, and have an `Env` of their own. */
export type Bindings = {
  readonly O11Y_API_METRICS: AnalyticsEngineDataset;
  readonly O11Y_SESSION_METRICS: AnalyticsEngineDataset;
  /** Streams are for the warehouse: where there is none, on one machine, there is no stream. */
  readonly API_METRICS_STREAM?: StreamBinding;
  readonly SESSION_METRICS_STREAM?: StreamBinding;
  readonly ALERT_CONFIG_DO: DurableObjectNamespace<AlertConfigDO>;
  readonly EMBEDDED_METRICS: DurableObjectNamespace<EmbeddedMetrics>;
  /** analytics-engine or embedded. */
  readonly O11Y_METRICS_STORE: string;
  readonly O11Y_CF_ACCOUNT_ID: string;
  readonly OTEL_EXPORTER_OTLP_ENDPOINT: string;
  readonly OTEL_EXPORTER_OTLP_HEADERS: SecretBinding;
  readonly O11Y_KILO_GATEWAY_CLIENT_SECRET: SecretBinding;
  readonly O11Y_CF_AE_API_TOKEN: SecretBinding;
  readonly O11Y_SLACK_WEBHOOK_PAGE: SecretBinding;
  readonly O11Y_SLACK_WEBHOOK_TICKET: SecretBinding;
};

type StreamBinding = { readonly send: (rows: object[]) => Promise<void> };
type SecretBinding = { readonly get: () => Promise<string> };

/** Named here, not taken from the generated `Env`: the gateway's types import this worker, and have an `Env` of their own. */
export type Bindings = {
  readonly O11Y_API_METRICS: AnalyticsEngineDataset;
  readonly O11Y_SESSION_METRICS: AnalyticsEngineDataset;
  /** Streams are for the warehouse: where there is none, on one machine, there is no stream. */
  readonly API_METRICS_STREAM?: StreamBinding;
  readonly SESSION_METRICS_STREAM?: StreamBinding;
  readonly O11Y_KILO_GATEWAY_CLIENT_SECRET: SecretBinding;
};

type StreamBinding = { readonly send: (rows: object[]) => Promise<void> };
export type SecretBinding = { readonly get: () => Promise<string> };

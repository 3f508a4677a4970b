/**
 * How a model did lately: what an operator chooses an objective by. Counts what alerts count, so without requests on a user's
 * own key: an objective chosen by other figures would fire, or stay silent, on what it never measures.
 */
export type ErrorRateBaseline = {
  readonly model: string;
  readonly errorRate1d: number;
  readonly errorRate3d: number;
  readonly errorRate7d: number;
  readonly requests1d: number;
  readonly requests3d: number;
  readonly requests7d: number;
};

/** Of answers that succeeded. */
export type TtfbBaseline = {
  readonly model: string;
  readonly p50Ttfb3d: number;
  readonly p95Ttfb3d: number;
  readonly p99Ttfb3d: number;
  readonly requests3d: number;
};

export type Baselines = {
  /** Null when there were no requests. */
  readonly errorRate: (model: string) => Promise<ErrorRateBaseline | null>;
  readonly ttfb: (model: string) => Promise<TtfbBaseline | null>;
};

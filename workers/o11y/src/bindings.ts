/** Streams are for the warehouse: where there is none, on one machine, there is no stream. */
type Streams = Pick<O11yEnv, 'API_METRICS_STREAM' | 'SESSION_METRICS_STREAM'>;

/** As they are generated from the configuration (`npm run types`). */
export type Bindings = Readonly<Omit<O11yEnv, keyof Streams> & Partial<Streams>>;

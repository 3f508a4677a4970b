/** As they are generated from the configuration (`npm run types`). */
export type Bindings = Readonly<SessionIngestEnv>;

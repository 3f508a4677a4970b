/** What clients ask for, and how many at once. */
export type Workload = {
  readonly name: string;
  readonly clients: number;
  readonly isStreamed: boolean;
  /** Of the answer; in a stream, an event each. */
  readonly tokens: number;
  /** Between two tokens. */
  readonly delayMs: number;
  /** Of the request's body. */
  readonly bytes: number;
  /** Each client asks once, all at the same moment. */
  readonly isOnce: boolean;
};

const plain = {
  clients: 16,
  isStreamed: false,
  tokens: 20,
  delayMs: 0,
  bytes: 0,
  isOnce: false,
} as const;

export const oneClient: Workload = { ...plain, name: 'small answers, one client', clients: 1 };
export const small: Workload = { ...plain, name: 'small answers, 16 clients' };
export const streamed: Workload = {
  ...plain,
  name: '100 events streamed, 16 clients',
  isStreamed: true,
  tokens: 100,
};
export const slow: Workload = {
  ...plain,
  name: '500 streams at once, 20 ms a token',
  clients: 500,
  isStreamed: true,
  tokens: 60,
  delayMs: 20,
  isOnce: true,
};
export const bodies: readonly Workload[] = [10_000, 100_000, 1_000_000].map((bytes) => ({
  ...plain,
  name: `bodies of ${bytes / 1000} kB, 4 clients`,
  clients: 4,
  bytes,
}));

/** As the simulator is told. */
export const scenarioOf = ({ tokens, delayMs }: Workload): string =>
  `answer~tokens=${tokens}~delay=${delayMs}~usage=always`;

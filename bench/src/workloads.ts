import { PAYERS } from './payers.ts';

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
  /** So many payers take turns: one ledger is one thread. */
  readonly payers: number;
  /** So many words, one after the other, that a client says of itself and that are looked up before they are written. */
  readonly labels: number;
};

export const plain: Omit<Workload, 'name'> = {
  clients: 16,
  isStreamed: false,
  tokens: 20,
  delayMs: 0,
  bytes: 0,
  isOnce: false,
  payers: PAYERS,
  labels: 1,
};

export const oneClient: Workload = { ...plain, name: 'small answers, one client', clients: 1 };
export const small: Workload = { ...plain, name: 'small answers, 16 clients' };
export const streamed: Workload = {
  ...plain,
  name: '100 events streamed, 16 clients',
  isStreamed: true,
  tokens: 100,
};

/** So many begin at the same moment, and last two seconds. */
export const slowStreams = (clients: number): Workload => ({
  ...plain,
  name: `${clients} streams at once, 20 ms a token`,
  clients,
  isStreamed: true,
  tokens: 100,
  delayMs: 20,
  isOnce: true,
});
export const slow: Workload = slowStreams(500);

export const BODY_BYTES = [10_000, 100_000, 1_000_000] as const;
export const bodiesOf = (bytes: number): Workload => ({
  ...plain,
  name: `bodies of ${bytes / 1000} kB, 4 clients`,
  clients: 4,
  bytes,
});
export const bodies: readonly Workload[] = BODY_BYTES.map(bodiesOf);

/** About as long as the longest that is taken from who pays. */
export const largest: Workload = {
  ...bodiesOf(20_000_000),
  name: 'a body of 20 MB',
  clients: 1,
  isOnce: true,
};

/** The same for one of several who are asked at once: together they have as many clients. */
export function divided(workload: Workload, among: number): Workload {
  const clients = Math.max(1, Math.round(workload.clients / among));
  return { ...workload, clients, name: `${workload.name} (${clients} at each)` };
}

/** As the simulator is told. */
export const scenarioOf = ({ tokens, delayMs }: Workload): string =>
  `answer~tokens=${tokens}~delay=${delayMs}~usage=always`;

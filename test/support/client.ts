import type { Running } from './program-run.ts';

/** A published program that asks the gateway. */
export type Client<Kind extends Computer = Computer> = {
  readonly name: string;
  readonly version: string;
  readonly computer: (account: Account) => Kind;
  /** Of what it writes, what the model has said. */
  readonly said: (output: string) => string;
};
export type Account = {
  /** The gateway's. */
  readonly url: string;
  readonly sessionIngestUrl: string;
  /** Null: nobody has logged in. */
  readonly token: string | null;
};

/** A folder to work in, and the program set up as its user would. */
export type Computer = {
  readonly folder: string;
  readonly begin: (prompt: string, model: string, ...options: readonly string[]) => Running;
  readonly remove: () => Promise<void>;
};

import type { z } from 'zod';

/** One question to Postgres: its text, with numbered places for values, and the values. */
type Query = {
  readonly text: string;
  readonly values: readonly unknown[];
  /** One that always has the same text. Its plan is kept by a connection: for what costs more to plan than to do. */
  readonly name?: string;
};

/** A connection that belongs to one request or one background task. Never kept between requests. */
export type Database = {
  /** Throws where a row does not have the shape: that is a bug here, or a database that is not ours. */
  readonly rows: <Row>(query: Query, row: z.ZodType<Row>) => Promise<readonly Row[]>;
  readonly close: () => Promise<void>;
};

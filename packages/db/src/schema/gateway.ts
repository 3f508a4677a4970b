import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  index,
  integer,
  pgSchema,
  primaryKey,
  smallint,
  text,
  uuid,
} from 'drizzle-orm/pg-core';
import { amount, createdAt, instant } from './columns.ts';

/** The gateway's own tables. The rest of the database belongs to the host application. */
const gateway = pgSchema('gateway');

/** How many labels each caller has added lately. See `lookupAllowance`. */
export const lookup_additions = gateway.table(
  'lookup_additions',
  {
    caller: text().primaryKey(),
    /** When the first of them was added. */
    since: instant().notNull(),
    added: integer().notNull(),
  },
  (table) => [index('lookup_additions_since').on(table.since)],
);

/** What a look at the deployment writes, to see whether it is what is read. See `readsWhatItWrote`. */
export const heartbeats = gateway.table('heartbeats', {
  name: text().primaryKey(),
  beat: bigint({ mode: 'number' }).notNull(),
});

/** Each call to an upstream. A request has one row of usage, and as many of these as it took. */
export const attempts = gateway.table(
  'attempts',
  {
    usage_id: uuid().notNull(),
    n: smallint().notNull(),
    provider: text().notNull(),
    status: smallint(),
    ending: text().notNull(),
    first_byte_ms: integer(),
    generation_id: text(),
    /** Of the upstream, where it is known. Null is not zero. */
    upstream_cost: amount(),
    /** On the caller's own account: how it ended says nothing of the house's. */
    is_user_byok: boolean().notNull().default(false),
    /** Of the settlement that is written: an older one that comes late changes nothing. */
    revision: smallint().notNull().default(0),
    created_at: createdAt(),
  },
  (table) => [
    primaryKey({ columns: [table.usage_id, table.n] }),
    index('attempts_recent')
      .on(table.created_at, table.provider)
      .where(sql`${table.ending} <> 'client-left'`),
  ],
);

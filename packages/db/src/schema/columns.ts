import { sql } from 'drizzle-orm';
import { bigint, timestamp, uuid } from 'drizzle-orm/pg-core';

// Columns that many tables share. Amounts are microdollars; a number holds nine billion dollars of them exactly.

export const randomId = () =>
  uuid()
    .primaryKey()
    .default(sql`pg_catalog.gen_random_uuid()`);
export const amount = () => bigint({ mode: 'number' });
export const instant = () => timestamp({ withTimezone: true, mode: 'string' });
export const createdAt = () => instant().notNull().defaultNow();
export const updatedAt = () => instant().notNull().defaultNow();

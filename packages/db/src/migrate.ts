import { fileURLToPath } from 'node:url';
import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate } from 'drizzle-orm/node-postgres/migrator';
import { Client } from 'pg';
import { z } from 'zod';
import { differencesOf, type Found } from './differences.ts';
import { expectedTables } from './tables.ts';

export type PrepareOutcome =
  | { readonly kind: 'ready'; readonly wasEmpty: boolean }
  | { readonly kind: 'different'; readonly differences: readonly string[] };

const CONNECT_MS_MAX = 5_000;
/** Any number: two starts at once take turns by it. */
const ADVISORY_LOCK = 7_403_116;
const OWN_SCHEMA = 'gateway';
/** Where it has rows, the public tables were made by us, and are ours to change. A host's database never has any. */
const PUBLIC_JOURNAL = 'public_migrations';

/**
 * Makes a database fit for the gateway. The public tables belong to the host application: they are created only where none
 * of them exists, and otherwise compared with what the queries rely on. Only the schema `gateway` is migrated there.
 */
export async function prepareDatabase(connectionString: string): Promise<PrepareOutcome> {
  const client = new Client({ connectionString, connectionTimeoutMillis: CONNECT_MS_MAX });
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [ADVISORY_LOCK]);
    return await prepare(client);
  } finally {
    await client.end();
  }
}

async function prepare(client: Client): Promise<PrepareOutcome> {
  const wasEmpty = (await foundIn(client)).columns.length === 0;
  // Tables that we once made are gone: what was written down about them must not keep them from being made again.
  if (wasEmpty) await client.query(`drop table if exists ${OWN_SCHEMA}.${PUBLIC_JOURNAL}`);
  if (wasEmpty || (await isOurs(client))) {
    await apply(client, { folder: 'public', journal: PUBLIC_JOURNAL });
  }
  const differences = differencesOf(await foundIn(client));
  if (differences.length > 0) return { kind: 'different', differences };
  await apply(client, { folder: 'gateway', journal: 'gateway_migrations' });
  return { kind: 'ready', wasEmpty };
}

/** All that is missing, in one transaction. */
const apply = (
  client: Client,
  { folder, journal }: { readonly folder: string; readonly journal: string },
): Promise<unknown> =>
  migrate(drizzle(client), {
    migrationsFolder: fileURLToPath(new URL(`../migrations/${folder}`, import.meta.url)),
    migrationsSchema: OWN_SCHEMA,
    migrationsTable: journal,
  });

const IsThere = z.tuple([z.object({ isThere: z.boolean() })]);

async function isOurs(client: Client): Promise<boolean> {
  const name = `${OWN_SCHEMA}.${PUBLIC_JOURNAL}`;
  const journal = await client.query('select to_regclass($1) is not null as "isThere"', [name]);
  if (!IsThere.parse(journal.rows)[0].isThere) return false;
  // A start that was broken off leaves the journal empty: it made nothing.
  const entry = await client.query(`select exists (select from ${name}) as "isThere"`);
  return IsThere.parse(entry.rows)[0].isThere;
}

const Columns = z.array(
  z.object({
    table: z.string(),
    name: z.string(),
    type: z.string(),
    isRequired: z.boolean(),
    hasDefault: z.boolean(),
  }),
);
const Keys = z.array(z.object({ table: z.string(), columns: z.array(z.string()) }));

async function foundIn(client: Client): Promise<Found> {
  const columns = await client.query(
    `select c.relname as "table", a.attname as "name", format_type(a.atttypid, a.atttypmod) as "type",
            a.attnotnull as "isRequired", a.atthasdef or a.attidentity <> '' as "hasDefault"
     from pg_attribute a
     join pg_class c on c.oid = a.attrelid
     join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = 'public' and c.relkind in ('r', 'p', 'v', 'm')
       and a.attnum > 0 and not a.attisdropped and c.relname = any($1)`,
    [expectedTables],
  );
  const keys = await client.query(
    `select c.relname as "table", array(
       select a.attname::text from pg_attribute a
       where a.attrelid = c.oid and a.attnum = any(i.indkey[:i.indnkeyatts - 1])) as "columns"
     from pg_index i
     join pg_class c on c.oid = i.indrelid
     join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = 'public' and c.relname = any($1)
       and i.indisunique and i.indisvalid and i.indpred is null and i.indexprs is null`,
    [expectedTables],
  );
  return { columns: Columns.parse(columns.rows), keys: Keys.parse(keys.rows) };
}

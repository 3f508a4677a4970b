import { fileURLToPath } from 'node:url';
import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate } from 'drizzle-orm/node-postgres/migrator';
import { Client } from 'pg';
import { z } from 'zod';
import { type ExpectedColumn, expectedColumns, expectedTables } from './tables.ts';

export type PrepareOutcome =
  | { readonly kind: 'ready'; readonly wasEmpty: boolean }
  | { readonly kind: 'different'; readonly differences: readonly string[] };

/** Any number: two starts at once take turns by it. */
const ADVISORY_LOCK = 7_403_116;
const OWN_SCHEMA = 'gateway';
/** Where it has rows, the public tables were made by us, and are ours to change. */
const PUBLIC_JOURNAL = 'public_migrations';

/**
 * Makes a database fit for the gateway. The public tables belong to the host application: they are created only where none
 * of them exists, and otherwise compared with what the queries rely on. Only the schema `gateway` is migrated there.
 */
export async function prepareDatabase(connectionString: string): Promise<PrepareOutcome> {
  const client = new Client({ connectionString });
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [ADVISORY_LOCK]);
    return await prepare(client);
  } finally {
    await client.end();
  }
}

async function prepare(client: Client): Promise<PrepareOutcome> {
  const existing = await existingColumns(client);
  const wasEmpty = existing.length === 0;
  if (!wasEmpty && !(await isOurs(client))) {
    const differences = differencesOf(existing);
    if (differences.length > 0) return { kind: 'different', differences };
  } else {
    await apply(client, { folder: 'public', journal: PUBLIC_JOURNAL });
  }
  await apply(client, { folder: 'gateway', journal: 'gateway_migrations' });
  return { kind: 'ready', wasEmpty };
}

const apply = (
  client: Client,
  { folder, journal }: { readonly folder: string; readonly journal: string },
): Promise<unknown> =>
  migrate(drizzle(client), {
    migrationsFolder: fileURLToPath(new URL(`../migrations/${folder}`, import.meta.url)),
    migrationsSchema: OWN_SCHEMA,
    migrationsTable: journal,
  });

async function isOurs(client: Client): Promise<boolean> {
  const name = `${OWN_SCHEMA}.${PUBLIC_JOURNAL}`;
  const found = await client.query('select to_regclass($1) is not null as found', [name]);
  return z.object({ found: z.boolean() }).parse(found.rows[0]).found;
}

const Column = z.object({
  table: z.string(),
  name: z.string(),
  type: z.string(),
  isRequired: z.boolean(),
  hasDefault: z.boolean(),
});
type Column = z.infer<typeof Column>;

async function existingColumns(client: Client): Promise<readonly Column[]> {
  const { rows } = await client.query(
    `select c.relname as "table", a.attname as "name", format_type(a.atttypid, a.atttypmod) as "type",
            a.attnotnull as "isRequired", a.atthasdef as "hasDefault"
     from pg_attribute a
     join pg_class c on c.oid = a.attrelid
     join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = 'public' and c.relkind in ('r', 'p', 'v', 'm')
       and a.attnum > 0 and not a.attisdropped and c.relname = any($1)`,
    [expectedTables],
  );
  return z.array(Column).parse(rows);
}

/** Known to come and go with the host application's versions. No query relies on them. */
const OPTIONAL = new Set([
  'custom_llm.verbosity',
  'custom_llm.reasoning_effort',
  'custom_llm.force_reasoning',
  'custom_llm.opencode_settings',
  'custom_llm.extra_body',
  'custom_llm.interleaved_format',
  'kilocode_users.openrouter_upstream_safety_identifier',
  'models_by_provider.openrouter',
]);

function differencesOf(existing: readonly Column[]): readonly string[] {
  const known = new Map(existing.map((column) => [`${column.table}.${column.name}`, column]));
  const present = new Set(existing.map(({ table }) => table));
  const missingTables = expectedTables.filter((table) => !present.has(table));
  return [
    ...missingTables.map((table) => `table ${table} is missing`),
    ...expectedColumns
      .filter(({ table }) => present.has(table))
      .flatMap((column) => {
        const name = `${column.table}.${column.name}`;
        return describe(name, column, known.get(name));
      }),
    ...existing
      .filter(({ table, name }) => !isExpected(table, name))
      .filter(({ isRequired, hasDefault }) => isRequired && !hasDefault)
      .filter(({ table }) => writtenTables.has(table))
      .map(({ table, name }) => `${table}.${name} is required, and the gateway does not know it`),
  ];
}

/** Tables that the gateway adds rows to: an unknown column there must not need a value. */
const writtenTables = new Set(expectedTables.filter((table) => table !== 'payment_methods'));
const isExpected = (table: string, name: string): boolean =>
  expectedColumns.some((column) => column.table === table && column.name === name);

function describe(
  name: string,
  expected: ExpectedColumn,
  found: Column | undefined,
): readonly string[] {
  if (!found) return OPTIONAL.has(name) ? [] : [`${name} is missing`];
  if (found.type !== expected.type) return [`${name} is ${found.type}, not ${expected.type}`];
  if (found.isRequired && !expected.isRequired) return [`${name} must allow null`];
  if (!found.isRequired && expected.isRequired) return [`${name} must not allow null`];
  return [];
}

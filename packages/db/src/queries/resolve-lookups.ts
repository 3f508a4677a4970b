import { z } from 'zod';
import type { Database } from '../database.ts';
import { type LookupKind, lookupKinds } from '../lookup-kinds.ts';

/** Ids by kind and value. */
export type LookupIds = ReadonlyMap<string, number>;
export type LookupValue = { readonly kind: LookupKind; readonly value: string };

export const lookupKey = ({ kind, value }: LookupValue): string => `${kind}\n${value}`;

const Row = z.object({ kind: z.enum(lookupKinds), value: z.string(), id: z.number() });

/**
 * The ids of values, which are made where they don't exist. Not money: it commits by itself, kind by kind and in one order,
 * so that any number of writers with the same new values neither deadlock nor wait for each other's settlements.
 * What is there already is only read: an insert that conflicts would write to the log, and use up a number.
 */
export async function resolveLookups(
  database: Database,
  values: readonly LookupValue[],
): Promise<LookupIds> {
  const found = await select(database, values);
  const missing = values.filter((value) => !found.has(lookupKey(value)));
  if (missing.length === 0) return found;
  for (const kind of lookupKinds) await insert(database, kind, valuesOf(missing, kind));
  return new Map([...found, ...(await select(database, missing))]);
}

async function select(database: Database, values: readonly LookupValue[]): Promise<LookupIds> {
  const kinds = lookupKinds.filter((kind) => values.some((value) => value.kind === kind));
  if (kinds.length === 0) return new Map();
  const parts = kinds.map(
    (kind, index) =>
      `select '${kind}' as kind, ${kind} as value, ${kind}_id as id from ${kind} where ${kind} = any($${index + 1})`,
  );
  const rows = await database.rows(
    { text: parts.join(' union all '), values: kinds.map((kind) => valuesOf(values, kind)) },
    Row,
  );
  return new Map(rows.map((row) => [lookupKey(row), row.id]));
}

async function insert(
  database: Database,
  kind: LookupKind,
  values: readonly string[],
): Promise<void> {
  if (values.length === 0) return;
  const text = `insert into ${kind} (${kind}) select value from unnest($1::text[]) as value on conflict do nothing`;
  await database.rows({ text, values: [values] }, z.unknown());
}

/** Distinct and sorted: every writer takes its locks in this order. */
const valuesOf = (values: readonly LookupValue[], kind: LookupKind): readonly string[] =>
  [...new Set(values.filter((value) => value.kind === kind).map(({ value }) => value))].toSorted();

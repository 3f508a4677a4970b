import { keepNewest } from '@gateway/worker-utils/keep-newest';
import { z } from 'zod';
import type { Database } from '../database.ts';
import { type LookupKind, lookupKinds } from '../lookup-kinds.ts';
import { lookupAllowance } from './lookup-allowance.ts';

/** Ids by kind and value. */
export type LookupIds = ReadonlyMap<string, number>;
/** What a writer that goes on remembers of them. An id means one value for ever. */
export type LookupMemory = Map<string, number>;
export type LookupValue = { readonly kind: LookupKind; readonly value: string };
/** The values of one exchange, and whose it is. */
export type Wanted = { readonly caller: string; readonly values: readonly LookupValue[] };

/** What callers bring is mostly the same again; a prompt's beginning or an address may change with every request. */
const REMEMBERED_MAX = 5_000;

export const lookupKey = ({ kind, value }: LookupValue): string => `${kind}\n${value}`;

const Row = z.object({ kind: z.enum(lookupKinds), value: z.string(), id: z.number() });

/** The ids of values, which are made where they don't exist and their caller may add some. What is remembered is not asked. */
export async function resolveLookups(
  database: Database,
  wanted: readonly Wanted[],
  memory: LookupMemory = new Map(),
): Promise<LookupIds> {
  // Taken out of it now: another's questions may push them out meanwhile.
  const remembered = new Map<string, number>();
  const unknown = wanted.map(({ caller, values }) => ({
    caller,
    values: values.filter((value) => {
      const key = lookupKey(value);
      const id = memory.get(key);
      if (id !== undefined) remembered.set(key, id);
      return id === undefined;
    }),
  }));
  const found = await foundOrAdded(database, unknown);
  for (const entry of found) keepNewest(memory, entry, REMEMBERED_MAX);
  return new Map([...remembered, ...found]);
}

/**
 * Not money: it commits by itself, kind by kind and in one order, so that any number of writers with the same new values
 * neither deadlock nor wait for each other's settlements. What is there already is only read: an insert that conflicts would
 * write to the log, and use up a number.
 */
async function foundOrAdded(database: Database, wanted: readonly Wanted[]): Promise<LookupIds> {
  const found = await select(
    database,
    wanted.flatMap(({ values }) => values),
  );
  const missing = missingOf(wanted, found);
  if (missing.size === 0) return found;

  const counts = new Map(
    [...missing].flatMap(([caller, values]) => {
      const count = values.filter(isCounted).length;
      return count > 0 ? [[caller, count] as const] : [];
    }),
  );
  const allowed = counts.size > 0 ? await lookupAllowance(database, counts) : counts;
  const added = [...missing].flatMap(([caller, values]) => [
    ...values.filter((value) => !isCounted(value)),
    ...values.filter(isCounted).slice(0, allowed.get(caller) ?? 0),
  ]);
  for (const kind of lookupKinds) await insert(database, kind, valuesOf(added, kind));
  // Also those that were not added here: another writer may have, in the meantime.
  return new Map([...found, ...(await select(database, [...missing.values()].flat()))]);
}

/** The values of these kinds come from closed lists of ours, so that no caller can fill their tables. */
const UNCOUNTED_KINDS: ReadonlySet<LookupKind> = new Set(['feature', 'auto_model']);
const isCounted = ({ kind }: LookupValue): boolean => !UNCOUNTED_KINDS.has(kind);

/** By caller, what is new: each value once, and counted for who brings it first. */
function missingOf(
  wanted: readonly Wanted[],
  found: LookupIds,
): ReadonlyMap<string, readonly LookupValue[]> {
  const seen = new Set(found.keys());
  const missing = new Map<string, readonly LookupValue[]>();
  for (const { caller, values } of wanted) {
    const fresh = values.filter((value) => !seen.has(lookupKey(value)));
    for (const value of fresh) seen.add(lookupKey(value));
    if (fresh.length > 0) missing.set(caller, [...(missing.get(caller) ?? []), ...fresh]);
  }
  return missing;
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

import { type ExpectedColumn, expectedColumns, expectedTables, uniqueKeys } from './tables.ts';

type FoundColumn = {
  readonly table: string;
  readonly name: string;
  readonly type: string;
  readonly isRequired: boolean;
  readonly hasDefault: boolean;
};

/** What a database has of our tables. A key is the columns of a unique index over all rows, sorted. */
export type Found = {
  readonly columns: readonly FoundColumn[];
  readonly keys: readonly { readonly table: string; readonly columns: readonly string[] }[];
};

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

/** Of this table only these are read, and only these are known well enough to be compared. */
const PAYMENT_METHODS = { table: 'payment_methods', read: new Set(['user_id', 'deleted_at']) };

const comparedColumns = expectedColumns.filter(
  ({ table, name }) => table !== PAYMENT_METHODS.table || PAYMENT_METHODS.read.has(name),
);
/** Tables that the gateway adds rows to: an unknown column there must not need a value. */
const writtenTables = new Set(expectedTables.filter((table) => table !== PAYMENT_METHODS.table));

/** How a host's tables differ from what the queries rely on. More than they rely on is no difference. */
export function differencesOf(found: Found): readonly string[] {
  const present = new Set(found.columns.map(({ table }) => table));
  const isPresent = ({ table }: { readonly table: string }): boolean => present.has(table);
  const known = new Map(found.columns.map((column) => [nameOf(column), column]));
  const keys = new Set(found.keys.map(keyOf));
  return [
    ...expectedTables
      .filter((table) => !present.has(table))
      .map((table) => `table ${table} is missing`),
    ...comparedColumns
      .filter(isPresent)
      .flatMap((column) => differenceOf(column, known.get(nameOf(column)))),
    ...found.columns.filter(needsUnknownValue).map((column) => {
      return `${nameOf(column)} is required, and the gateway does not know it`;
    }),
    ...uniqueKeys
      .filter(isPresent)
      .filter((key) => !keys.has(keyOf(key)))
      .map(({ table, columns }) => `${table} is not unique by ${columns.join(', ')}`),
  ];
}

const nameOf = ({ table, name }: { readonly table: string; readonly name: string }): string =>
  `${table}.${name}`;
const keyOf = ({ table, columns }: Found['keys'][number]): string =>
  `${table} ${columns.toSorted().join(' ')}`;

const expectedNames = new Set(expectedColumns.map(nameOf));
const needsUnknownValue = (column: FoundColumn): boolean =>
  column.isRequired &&
  !column.hasDefault &&
  writtenTables.has(column.table) &&
  !expectedNames.has(nameOf(column));

function differenceOf(expected: ExpectedColumn, found: FoundColumn | undefined): readonly string[] {
  const name = nameOf(expected);
  if (!found) return OPTIONAL.has(name) ? [] : [`${name} is missing`];
  if (found.type !== expected.type) return [`${name} is ${found.type}, not ${expected.type}`];
  if (found.isRequired && !expected.isRequired) return [`${name} must allow null`];
  if (!found.isRequired && expected.isRequired) return [`${name} must not allow null`];
  return [];
}

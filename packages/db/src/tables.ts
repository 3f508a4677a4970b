import { getTableConfig, type PgTable } from 'drizzle-orm/pg-core';
import { is } from 'drizzle-orm';
import { PgTable as Table } from 'drizzle-orm/pg-core';
import { lookupKinds } from './lookup-kinds.ts';
import * as schema from './schema/index.ts';

export type ExpectedColumn = {
  readonly table: string;
  readonly name: string;
  readonly type: string;
  readonly isRequired: boolean;
};

const tables: readonly PgTable[] = Object.values(schema).filter((value) => is(value, Table));

export const expectedTables: readonly string[] = tables.map((table) => getTableConfig(table).name);

/** Every column as Postgres itself would name its type. */
export const expectedColumns: readonly ExpectedColumn[] = tables.flatMap((table) => {
  const { name, columns } = getTableConfig(table);
  return columns.map((column) => ({
    table: name,
    name: column.name,
    type: storedType(column.getSQLType()),
    isRequired: column.notNull,
  }));
});

function storedType(type: string): string {
  switch (type) {
    case 'serial':
      return 'integer';
    case 'bigserial':
      return 'bigint';
    default:
      return type.replace(', ', ',');
  }
}

/** What the statements that write rely on: where a row is there already, `on conflict` must find out. */
export const uniqueKeys: readonly {
  readonly table: string;
  readonly columns: readonly string[];
}[] = [
  { table: 'kilocode_users', columns: ['id'] },
  { table: 'organizations', columns: ['id'] },
  { table: 'microdollar_usage', columns: ['id'] },
  { table: 'microdollar_usage_metadata', columns: ['id'] },
  { table: 'free_model_usage', columns: ['id'] },
  {
    table: 'organization_user_usage',
    columns: ['organization_id', 'kilo_user_id', 'limit_type', 'usage_date'],
  },
  ...lookupKinds.map((kind) => ({ table: kind, columns: [kind] })),
];

import { sql } from 'drizzle-orm';
import {
  foreignKey,
  integer,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import { createdAt, updatedAt } from './columns.ts';
import { organizations } from './organizations.ts';
import { kilocode_users } from './users.ts';

export const cli_sessions_v2 = pgTable(
  'cli_sessions_v2',
  {
    session_id: text().notNull(),
    kilo_user_id: text()
      .notNull()
      .references(() => kilocode_users.id, { onDelete: 'restrict' }),
    version: integer().notNull().default(0),
    title: text(),
    public_id: uuid(),
    parent_session_id: text(),
    organization_id: uuid().references(() => organizations.id, { onDelete: 'set null' }),
    cloud_agent_session_id: text(),
    created_on_platform: text().notNull().default('unknown'),
    git_url: text(),
    git_branch: text(),
    created_at: createdAt(),
    updated_at: updatedAt(),
  },
  (table) => [
    primaryKey({ columns: [table.session_id, table.kilo_user_id] }),
    foreignKey({
      name: 'cli_sessions_v2_parent_fk',
      columns: [table.parent_session_id, table.kilo_user_id],
      foreignColumns: [table.session_id, table.kilo_user_id],
    }).onDelete('restrict'),
    uniqueIndex('UQ_cli_sessions_v2_public_id')
      .on(table.public_id)
      .where(sql`${table.public_id} is not null`),
    uniqueIndex('UQ_cli_sessions_v2_cloud_agent_session_id')
      .on(table.cloud_agent_session_id)
      .where(sql`${table.cloud_agent_session_id} is not null`),
  ],
);

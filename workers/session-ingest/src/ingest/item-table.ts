import { z } from 'zod';
import type { StoredItem } from '../items/stored-item.ts';
import type { Sql } from '@gateway/worker-utils/sql';

const Row = z.object({
  item_id: z.string(),
  item_type: z.string(),
  message_id: z.string().nullable(),
  item_data: z.string(),
});
type ItemRow = z.infer<typeof Row>;
type Page = { readonly type: string; readonly after: string; readonly messageId?: string };

/** A session's items: the newest of each. */
export type ItemTable = {
  /** False: a newer one is there already. */
  readonly put: (item: StoredItem) => boolean;
  readonly one: (id: string) => string | null;
  /** The next item of a type by its id: clients number them in the order of their making, however they arrive. */
  readonly next: (page: Page) => ItemRow | null;
  readonly isEmpty: () => boolean;
};

/** Made anew with each use: an object that has been cleared has no tables. */
export function itemTable(sql: Sql): ItemTable {
  for (const statement of SCHEMA) sql.all(statement);
  return {
    put({ id, type, messageId, revision, data }) {
      return sql.all(PUT, id, type, messageId, revision, data).length > 0;
    },
    one: (id) => first(sql.all(`${SELECT} WHERE item_id = ?`, id))?.item_data ?? null,
    next({ type, after, messageId }) {
      return messageId === undefined
        ? first(sql.all(NEXT, type, after))
        : first(sql.all(NEXT_OF_MESSAGE, type, messageId, after));
    },
    isEmpty: () => sql.all('SELECT 1 FROM ingest_items LIMIT 1').length === 0,
  };
}

const first = (rows: readonly unknown[]): ItemRow | null =>
  rows[0] === undefined ? null : Row.parse(rows[0]);

const SCHEMA = [
  `CREATE TABLE IF NOT EXISTS ingest_items (
    id INTEGER PRIMARY KEY AUTOINCREMENT, item_id TEXT NOT NULL UNIQUE, item_type TEXT NOT NULL, message_id TEXT,
    revision REAL NOT NULL, item_data TEXT NOT NULL)`,
  'CREATE INDEX IF NOT EXISTS items_by_type ON ingest_items (item_type, item_id)',
  'CREATE INDEX IF NOT EXISTS items_by_message ON ingest_items (item_type, message_id, item_id)',
];
const PUT = `
INSERT INTO ingest_items (item_id, item_type, message_id, revision, item_data) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (item_id) DO UPDATE SET item_type = excluded.item_type, message_id = excluded.message_id,
  revision = excluded.revision, item_data = excluded.item_data WHERE excluded.revision >= revision
RETURNING id`;
const SELECT = 'SELECT item_id, item_type, message_id, item_data FROM ingest_items';
const NEXT = `${SELECT} WHERE item_type = ? AND item_id > ? ORDER BY item_id LIMIT 1`;
const NEXT_OF_MESSAGE = `${SELECT} WHERE item_type = ? AND message_id = ? AND item_id > ? ORDER BY item_id LIMIT 1`;

import { UserId } from '@gateway/worker-utils/ids';
import { nodeSql } from '@gateway/worker-utils/testing/node-sql';
import { Instant } from '@gateway/worker-utils/time';
import { Item } from '../items/item.ts';
import { storedItem } from '../items/stored-item.ts';
import { itemTable } from '../ingest/item-table.ts';
import { metaTable } from '../ingest/meta-table.ts';
import { snapshotPieces } from '../ingest/snapshot-pieces.ts';
import { takeItems } from '../ingest/take-items.ts';
import { SessionId } from '../session-id.ts';

export const now = Instant.parse(1_790_000_000_000);
export const key = {
  user: UserId.parse('user-1'),
  session: SessionId.parse(`ses_${'a'.repeat(26)}`),
};
export const item = (type: string, data: unknown) => storedItem(Item.parse({ type, data }));
export const message = (id: string, data: object = {}) => item('message', { id, ...data });
export const part = (id: string, messageID: string, data: object = {}) =>
  item('part', { id, messageID, ...data });

export const open = item('session_open', {});
export const close = item('session_close', { reason: 'completed' });

export function newSession() {
  const sql = nodeSql();
  const tables = () => ({ items: itemTable(sql), meta: metaTable(sql) });
  return {
    ...tables(),
    tables,
    take: (version: number, ...items: ReturnType<typeof item>[]) =>
      takeItems(tables(), { key, version, items }, { now, abandonedMs: 300_000 }),
    snapshot: (): unknown => JSON.parse([...snapshotPieces(tables().items)].join('')),
    clear: () => {
      sql.all('DROP TABLE ingest_items');
      sql.all('DROP TABLE ingest_meta');
    },
  };
}

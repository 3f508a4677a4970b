import type { Instant } from '@gateway/worker-utils/time';
import { z } from 'zod';
import type { SessionMetadata } from '../items/session-metadata.ts';
import type { StoredItem } from '../items/stored-item.ts';
import type { SessionKey } from '../session-key.ts';
import type { ItemTable } from './item-table.ts';
import type { MetaTable } from './meta-table.ts';

export type Batch = {
  readonly key: SessionKey;
  readonly version: number;
  readonly items: readonly StoredItem[];
};
type Tables = { readonly items: ItemTable; readonly meta: MetaTable };
type Taken = {
  /** Of the items that are now kept; others were older than what was there. */
  readonly metadata: SessionMetadata;
  /** Null: as it was. */
  readonly alarmAt: number | null;
};

/** After a close, what was sent before it may still be under way. */
const CLOSED_MS = 5_000;
const Close = z.object({ reason: z.string() });

type When = {
  readonly now: Instant;
  /** A client that says nothing for so long has left its session. */
  readonly abandonedMs: number;
};

export function takeItems({ items, meta }: Tables, batch: Batch, when: When): Taken {
  meta.set('kiloUserId', batch.key.user);
  meta.set('sessionId', batch.key.session);
  meta.set('ingestVersion', String(batch.version));
  let metadata: SessionMetadata = {};
  for (const item of batch.items) {
    if (items.put(item)) metadata = { ...metadata, ...item.metadata };
    // Clients before version 1 do not tell when a session opens or closes.
    if (batch.version > 0) noteTurn(meta, item);
  }
  return { metadata, alarmAt: alarmAt(meta, batch, when) };
}

function noteTurn(meta: MetaTable, item: StoredItem): void {
  if (item.type === 'session_open') {
    meta.remove('metricsEmitted');
    meta.remove('closeReason');
    // A report that was given up says nothing of the next one.
    meta.remove('failures');
    meta.set('opening', String(Number(meta.get('opening') ?? 0) + 1));
  }
  if (item.type === 'session_close') {
    meta.set('closeReason', Close.parse(JSON.parse(item.data)).reason);
  }
}

function alarmAt(meta: MetaTable, { version, items }: Batch, when: When): number | null {
  if (version === 0) return when.now + when.abandonedMs;
  if (meta.get('closeReason') !== null) {
    return items.some(({ type }) => type === 'session_close') ? when.now + CLOSED_MS : null;
  }
  return meta.get('metricsEmitted') === null ? when.now + when.abandonedMs : null;
}

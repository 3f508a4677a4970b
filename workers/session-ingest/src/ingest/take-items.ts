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

/** A client that says nothing for so long has left its session. */
const ABANDONED_MS = 5 * 60_000;
/** After a close, what was sent before it may still be under way. */
const CLOSED_MS = 5_000;
const Close = z.object({ reason: z.string() });

export function takeItems({ items, meta }: Tables, batch: Batch, now: Instant): Taken {
  meta.set('kiloUserId', batch.key.user);
  meta.set('sessionId', batch.key.session);
  meta.set('ingestVersion', String(batch.version));
  let metadata: SessionMetadata = {};
  // Clients before version 1 do not tell when a session opens or closes.
  let alarmAt = batch.version === 0 ? now + ABANDONED_MS : null;
  for (const item of batch.items) {
    if (items.put(item)) metadata = { ...metadata, ...item.metadata };
    if (batch.version === 0) continue;
    if (item.type === 'session_open') {
      meta.remove('metricsEmitted');
      meta.remove('closeReason');
      meta.set('opening', String(Number(meta.get('opening') ?? 0) + 1));
      alarmAt = now + ABANDONED_MS;
    }
    if (item.type === 'session_close') {
      meta.set('closeReason', Close.parse(JSON.parse(item.data)).reason);
      alarmAt = now + CLOSED_MS;
    }
  }
  return { metadata, alarmAt };
}

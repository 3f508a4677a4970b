import { itemChunks } from '../items/item-chunks.ts';
import type { SessionMetadata } from '../items/session-metadata.ts';
import type { StoredItem } from '../items/stored-item.ts';
import type { SessionKey } from '../session-key.ts';
import { ownsSession, type OwnershipNeeds } from './owns-session.ts';

export type IngestNeeds = OwnershipNeeds & {
  readonly store: (
    key: SessionKey,
    version: number,
    items: readonly StoredItem[],
  ) => Promise<{ readonly kind: 'ingested'; readonly metadata: SessionMetadata } | Full>;
  readonly updateRow: (
    key: SessionKey,
    metadata: SessionMetadata,
  ) => Promise<'updated' | 'session-not-found' | 'parent-not-found'>;
  /** Takes back what is known of a session that is no more. */
  readonly forget: (key: SessionKey) => Promise<void>;
  readonly reportDropped: (items: number) => void;
};
type Full = { readonly kind: 'session-full' | 'storage-full' };
export type IngestOutcome =
  | 'ingested'
  | 'session-not-found'
  | 'session-full'
  | 'storage-full'
  | 'parent-is-self'
  | 'parent-not-found';
type Batch = { readonly version: number; readonly items: readonly StoredItem[] };

/** Keeps a batch, then tells the session's row. Repeating it, whole or after a failure half-way, is harmless. */
export async function ingestBatch(
  needs: IngestNeeds,
  key: SessionKey,
  { version, items }: Batch,
): Promise<IngestOutcome> {
  if (!(await ownsSession(needs, key))) return 'session-not-found';
  if (items.some(({ metadata }) => metadata.parentId === key.session)) return 'parent-is-self';
  const { chunks, dropped } = itemChunks(items);
  if (dropped > 0) needs.reportDropped(dropped);
  let metadata: SessionMetadata = {};
  for (const chunk of chunks) {
    const stored = await needs.store(key, version, chunk);
    if (stored.kind !== 'ingested') return stored.kind;
    metadata = { ...metadata, ...stored.metadata };
  }
  const outcome = await stillThere(needs, key, metadata);
  if (outcome === 'updated') return 'ingested';
  // Deleted since it was looked for: nothing may be left of it.
  if (outcome === 'session-not-found') await needs.forget(key);
  return outcome;
}

/** A deletion may have cleared the session before the batch was kept. The row's update finds out; else the cache is asked again. */
async function stillThere(needs: IngestNeeds, key: SessionKey, metadata: SessionMetadata) {
  if (Object.keys(metadata).length > 0) return needs.updateRow(key, metadata);
  return (await ownsSession(needs, key)) ? 'updated' : 'session-not-found';
}

import type { Bindings } from './bindings.ts';
import { callObject } from './call-object.ts';
import type { StoredItem } from './items/stored-item.ts';
import { objectNameOf, type SessionKey } from './session-key.ts';
import type { Ingested } from './session-ingest-do.ts';

const encoder = new TextEncoder();

/** The objects of sessions and of access, by session. */
export function sessionObjects(env: Bindings) {
  const { SESSION_INGEST_DO, SESSION_ACCESS_CACHE_DO } = env;
  const session = (key: SessionKey) => () => SESSION_INGEST_DO.getByName(objectNameOf(key));
  const access = (key: SessionKey) => () => SESSION_ACCESS_CACHE_DO.getByName(key.user);
  return {
    isCached: (key: SessionKey): Promise<boolean> =>
      callObject(access(key), async (object) => object.has(key.session)),
    remember: (key: SessionKey): Promise<void> =>
      callObject(access(key), async (object) => object.add(key.session)),
    mayCreate: (key: SessionKey): Promise<boolean> =>
      callObject(access(key), async (object) => object.mayCreate(key.session)),
    giveUp: (key: SessionKey): Promise<void> =>
      callObject(access(key), async (object) => object.giveUp(key.session)),
    /** `only-known`: no object is made for a session that there never was. */
    async forget(key: SessionKey, which?: 'only-known'): Promise<void> {
      const isKnown = await callObject(access(key), async (object) => object.remove(key.session));
      if (which === 'only-known' && !isKnown) return;
      await callObject(session(key), async (object) => object.clear());
      await callObject(access(key), async (object) => object.cleared(key.session));
    },
    /** The bytes are promised before they are written, and counted when they are: parallel batches share the quota. */
    async store(
      key: SessionKey,
      version: number,
      items: readonly StoredItem[],
    ): Promise<Ingested | { readonly kind: 'storage-full' }> {
      const bytes = items.reduce((sum, { data }) => sum + encoder.encode(data).byteLength, 0);
      // Once each: a promise that is made or taken back twice would be wrong.
      if (!(await access(key)().mayStore(key.session, bytes))) return { kind: 'storage-full' };
      let size: number | null = null;
      try {
        const ask = async (object: ReturnType<ReturnType<typeof session>>) =>
          object.ingest({ key, version, items });
        const ingested: Ingested = await callObject(session(key), ask);
        size = ingested.kind === 'ingested' ? ingested.bytes : null;
        return ingested;
      } finally {
        await access(key)().stored(key.session, bytes, size);
      }
    },
    read: (key: SessionKey): Promise<ReadableStream<Uint8Array>> =>
      callObject(session(key), async (object) => object.export()),
  };
}

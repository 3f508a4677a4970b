import type { Bindings } from './bindings.ts';
import { callObject } from './call-object.ts';
import type { StoredItem } from './items/stored-item.ts';
import { objectNameOf, type SessionKey } from './session-key.ts';
import type { Ingested } from './session-ingest-do.ts';

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
    async forget(key: SessionKey): Promise<void> {
      await callObject(access(key), async (object) => object.remove(key.session));
      await callObject(session(key), async (object) => object.clear());
    },
    store: (key: SessionKey, version: number, items: readonly StoredItem[]): Promise<Ingested> =>
      callObject(session(key), async (object) => object.ingest({ key, version, items })),
    read: (key: SessionKey): Promise<ReadableStream<Uint8Array>> =>
      callObject(session(key), async (object) => object.export()),
  };
}

import { UserId } from '@gateway/worker-utils/ids';
import { expect, test } from 'vitest';
import { Item } from '../items/item.ts';
import { storedItem } from '../items/stored-item.ts';
import { SessionId } from '../session-id.ts';
import type { SessionKey } from '../session-key.ts';
import { deleteSession } from './delete-session.ts';
import { ingestBatch, type IngestNeeds } from './ingest-batch.ts';

const sessionId = (letter: string) => SessionId.parse(`ses_${letter.repeat(26)}`);
const user = UserId.parse('user-1');
const key: SessionKey = { user, session: sessionId('a') };
const item = (type: string, data: unknown) => storedItem(Item.parse({ type, data }));

function ingestNeeds(override: Partial<IngestNeeds> = {}) {
  const cached = new Set<string>();
  const kept: string[] = [];
  const needs: IngestNeeds = {
    isCached: async ({ session }) => cached.has(session),
    hasRow: async () => true,
    remember: async ({ session }) => void cached.add(session),
    store: async (_key, _version, items) => {
      kept.push(...items.map(({ id }) => id));
      const metadata = items.reduce((all, one) => ({ ...all, ...one.metadata }), {});
      return { kind: 'ingested', metadata };
    },
    updateRow: async () => 'updated',
    forget: async ({ session }) => void cached.delete(session),
    reportDropped: () => undefined,
    ...override,
  };
  return { needs, cached, kept };
}
const batch = (...items: ReturnType<typeof item>[]) => ({ version: 1, items });

test('a batch of a session that is not owned is refused, and nothing is kept', async () => {
  const { needs, kept } = ingestNeeds({ hasRow: async () => false });
  expect(await ingestBatch(needs, key, batch(item('session', {})))).toBe('session-not-found');
  expect(kept).toEqual([]);
});

test('a batch of a known session needs no database, unless it tells of the row', async () => {
  const away = async (): Promise<never> => {
    throw new Error('away');
  };
  const { needs, cached } = ingestNeeds({ hasRow: away, updateRow: away });
  cached.add(key.session);
  expect(await ingestBatch(needs, key, batch(item('message', { id: 'm' })))).toBe('ingested');
  await expect(ingestBatch(needs, key, batch(item('session', { title: 'x' })))).rejects.toThrow(
    'away',
  );
});

test('a session that is its own parent is refused before anything is kept', async () => {
  const { needs, kept } = ingestNeeds();
  const own = item('session', { parentID: key.session });
  expect(await ingestBatch(needs, key, batch(own))).toBe('parent-is-self');
  expect(kept).toEqual([]);
});

test('a parent that is not there is told', async () => {
  const { needs } = ingestNeeds({ updateRow: async () => 'parent-not-found' });
  const child = item('session', { parentID: sessionId('b') });
  expect(await ingestBatch(needs, key, batch(child))).toBe('parent-not-found');
});

test('a batch for which there is no room is refused, and its row is told nothing of it', async () => {
  const told: object[] = [];
  const { needs, cached } = ingestNeeds({
    store: async () => ({ kind: 'session-full' }),
    updateRow: async (_key, metadata) => {
      told.push(metadata);
      return 'updated';
    },
  });
  const outcome = await ingestBatch(needs, key, batch(item('session', { title: 'x' })));
  expect({ outcome, told }).toEqual({ outcome: 'session-full', told: [] });
  expect(cached.has(key.session)).toBe(true);
});

test('a session that was deleted meanwhile is forgotten', async () => {
  const { needs, cached } = ingestNeeds({ updateRow: async () => 'session-not-found' });
  const outcome = await ingestBatch(needs, key, batch(item('session', { title: 'x' })));
  expect(outcome).toBe('session-not-found');
  expect(cached.size).toBe(0);
});

test('a batch that was under way while its session was deleted leaves nothing', async () => {
  const rows = new Set([key.session]);
  const kept = new Set<string>();
  const { needs, cached } = ingestNeeds({
    hasRow: async ({ session }) => rows.has(session),
    store: async (_key, _version, items) => {
      rows.clear();
      cached.clear();
      for (const { id } of items) kept.add(id);
      return { kind: 'ingested', metadata: {} };
    },
    forget: async () => kept.clear(),
  });
  const outcome = await ingestBatch(needs, key, batch(item('message', { id: 'm' })));
  expect({ outcome, kept: kept.size }).toEqual({ outcome: 'session-not-found', kept: 0 });
});

test.each([0, 1, 2, 3, 4])('a deletion that fails at step %i can be repeated', async (failAt) => {
  const rows = new Set([key.session, sessionId('b')]);
  const objects = new Set<SessionId>(rows);
  let step = 0;
  const mayFail = () => {
    step += 1;
    if (step - 1 === failAt) throw new Error('half-way');
  };
  const needs = {
    family: async () => [...rows],
    deleteRows: async () => {
      mayFail();
      rows.clear();
    },
    forget: async ({ session }: SessionKey) => {
      mayFail();
      objects.delete(session);
    },
  };
  await expect(deleteSession(needs, key)).rejects.toThrow('half-way');
  await deleteSession(needs, key);
  expect({ rows: rows.size, objects: objects.size }).toEqual({ rows: 0, objects: 0 });
});

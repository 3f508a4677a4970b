import { SessionMetrics } from '@gateway/worker-utils/session-metrics';
import type { SessionMetricsInput } from '@gateway/worker-utils/session-metrics';
import { UserId } from '@gateway/worker-utils/ids';
import { Instant } from '@gateway/worker-utils/time';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Item } from '../items/item.ts';
import { storedItem } from '../items/stored-item.ts';
import { reportMetrics } from '../metrics/report-metrics.ts';
import { sessionMetricsOf } from '../metrics/session-metrics-of.ts';
import { SessionId } from '../session-id.ts';
import { nodeSql } from '@gateway/worker-utils/testing/node-sql';
import { itemTable } from './item-table.ts';
import { metaTable } from './meta-table.ts';
import { pieceStream } from './piece-stream.ts';
import { snapshotPieces } from './snapshot-pieces.ts';
import { takeItems } from './take-items.ts';

const now = Instant.parse(1_790_000_000_000);
const key = {
  user: UserId.parse('user-1'),
  session: SessionId.parse(`ses_${'a'.repeat(26)}`),
};
const item = (type: string, data: unknown) => storedItem(Item.parse({ type, data }));
const message = (id: string, data: object = {}) => item('message', { id, ...data });
const part = (id: string, messageID: string, data: object = {}) =>
  item('part', { id, messageID, ...data });

function newSession() {
  const sql = nodeSql();
  const tables = () => ({ items: itemTable(sql), meta: metaTable(sql) });
  return {
    ...tables(),
    tables,
    take: (version: number, ...items: ReturnType<typeof item>[]) =>
      takeItems(tables(), { key, version, items }, now),
    snapshot: (): unknown => JSON.parse([...snapshotPieces(tables().items)].join('')),
    clear: () => {
      sql.all('DROP TABLE ingest_items');
      sql.all('DROP TABLE ingest_meta');
    },
  };
}
const metricsOf = (...items: ReturnType<typeof item>[]) => {
  const session = newSession();
  session.take(1, ...items);
  const subject = {
    kiloUserId: key.user,
    sessionId: key.session,
    ingestVersion: 1,
    terminationReason: 'completed',
  } as const;
  return SessionMetrics.parse(sessionMetricsOf(session.items, subject));
};

test('a snapshot has messages with their parts; diffs and orphans are left out', () => {
  const session = newSession();
  session.take(1, part('p2', 'm1'), item('session_diff', [{ file: 'a' }]), part('p9', 'gone'));
  expect(session.snapshot()).toEqual({ info: {}, messages: [] });
  session.take(1, message('m2'), part('p1', 'm1'), item('session', { title: 'T' }), message('m1'));
  expect(session.snapshot()).toEqual({
    info: { title: 'T' },
    messages: [
      {
        info: { id: 'm1' },
        parts: [
          { id: 'p1', messageID: 'm1' },
          { id: 'p2', messageID: 'm1' },
        ],
      },
      { info: { id: 'm2' }, parts: [] },
    ],
  });
});

test('a later write replaces, an older state does not', () => {
  const session = newSession();
  session.take(1, message('m', { text: 'first' }), message('m', { text: 'second' }));
  session.take(1, part('p', 'm', { state: { time: { start: 1, end: 2 }, status: 'completed' } }));
  session.take(1, part('p', 'm', { state: { time: { start: 1 } } }));
  expect(session.snapshot()).toMatchObject({
    messages: [{ info: { text: 'second' }, parts: [{ state: { status: 'completed' } }] }],
  });
});

test('metadata is that of the newest item, whatever comes after it', () => {
  const session = newSession();
  const titled = (title: string, updated: number) =>
    item('session', { title, time: { created: 1, updated } });
  const meta = item('kilo_meta', { platform: 'cli' });
  const { metadata } = session.take(1, titled('new', 3), meta, titled('old', 2));
  expect(metadata).toEqual({ title: 'new', platform: 'cli' });
  expect(session.take(1, titled('old', 2)).metadata).toEqual({});
});

test('any order of batches, with repeats, gives the same snapshot', () => {
  const items = [
    item('session', { title: 'old', time: { created: 1, updated: 2 } }),
    item('session', { title: 'new', time: { created: 1, updated: 3 } }),
    ...['m1', 'm2', 'm3'].flatMap((id) => [
      message(id),
      message(id, { time: { created: 1, completed: 2 } }),
      part(`${id}-a`, id, { state: { time: { start: 1 } } }),
      part(`${id}-a`, id, { state: { time: { start: 1, end: 4 } } }),
      part(`${id}-b`, id),
    ]),
  ];
  const inOrder = newSession();
  inOrder.take(1, ...items);
  const shuffled = fc.shuffledSubarray([...items, ...items], { minLength: items.length * 2 });
  fc.assert(
    fc.property(shuffled, (order) => {
      const session = newSession();
      for (const one of order) session.take(1, one);
      expect(session.snapshot()).toEqual(inOrder.snapshot());
    }),
    { numRuns: 50 },
  );
});

test('an export makes its pieces when they are read', async () => {
  let made = 0;
  function* pieces() {
    for (; made < 100; made += 1) yield 'x'.repeat(50_000);
  }
  const reader = pieceStream(pieces()).getReader();
  await reader.read();
  expect(made).toBeLessThan(4);
  let bytes = 100_000;
  for (;;) {
    const { value, done } = await reader.read();
    if (done) break;
    bytes += value.byteLength;
  }
  expect(bytes).toBe(5_000_000);
});

test('the alarm: opening five minutes, closing five seconds, anything else none; before version 1 always five minutes', () => {
  const session = newSession();
  expect(session.take(1, item('session_open', {})).alarmAt).toBe(now + 300_000);
  expect(session.take(1, message('m')).alarmAt).toBeNull();
  expect(session.take(1, item('session_close', { reason: 'error' })).alarmAt).toBe(now + 5_000);
  expect(session.take(0, message('m')).alarmAt).toBe(now + 300_000);
});

test('metrics count turns, steps, tools, errors, compactions, tokens and cost', () => {
  const tool = (id: string, status: string, input: unknown) =>
    part(id, 'm2', { type: 'tool', tool: 'read', state: { status, input } });
  const tokens = { input: 1.4, output: 2, reasoning: 3, cache: { read: 4, write: 5 } };
  const metrics = metricsOf(
    item('session', { time: { created: 1_000, updated: 5_000 } }),
    item('kilo_meta', { platform: 'cli', orgId: '2b3a9c1e-6f0d-4c55-9a44-0f4a1d8e7b21' }),
    item('model', [{ id: 'first' }, { id: 'last' }]),
    message('m1', { role: 'user', time: { created: 1_000 } }),
    message('m2', { role: 'assistant', time: { created: 1_500.4 }, tokens, cost: 0.5 }),
    message('m3', { role: 'assistant', tokens, cost: 0.25, error: { name: 'APIError' } }),
    part('s1', 'm2', { type: 'step-finish' }),
    tool('t1', 'completed', { a: 1 }),
    tool('t2', 'completed', { a: 1 }),
    tool('t3', 'error', { a: 1 }),
    tool('t4', 'running', { a: 1 }),
    tool('t5', 'completed', { a: 2 }),
    part('c1', 'm2', { type: 'compaction', auto: true }),
    part('c2', 'm2', { type: 'compaction' }),
  );
  expect(metrics).toEqual({
    kiloUserId: 'user-1',
    sessionId: key.session,
    organizationId: '2b3a9c1e-6f0d-4c55-9a44-0f4a1d8e7b21',
    platform: 'cli',
    model: 'last',
    ingestVersion: 1,
    terminationReason: 'completed',
    sessionDurationMs: 4_000,
    timeToFirstResponseMs: 500,
    totalTurns: 1,
    totalSteps: 1,
    toolCallsByType: { read: 5 },
    toolErrorsByType: { read: 1 },
    totalErrors: 2,
    errorsByType: { APIError: 1 },
    stuckToolCallCount: 3,
    totalTokens: { input: 3, output: 4, reasoning: 6, cacheRead: 8, cacheWrite: 10 },
    totalCost: 0.75,
    compactionCount: 2,
    autoCompactionCount: 1,
  });
});

test('metrics of nothing but an opening are those of an empty session', () => {
  const metrics = metricsOf(item('session_open', {}));
  expect(metrics).toMatchObject({ platform: 'unknown', model: '', organizationId: '' });
  expect(metrics.timeToFirstResponseMs).toBeUndefined();
});

test('whatever a client sends, o11y takes the metrics', () => {
  const value = fc.oneof(fc.double(), fc.string(), fc.constant(null), fc.object());
  fc.assert(
    fc.property(fc.array(fc.array(value, { minLength: 4, maxLength: 4 })), (rows) => {
      const messages = rows.map(([created, input, cost, name], index) =>
        message(`m${index}`, {
          role: index % 2 ? 'assistant' : 'user',
          time: { created },
          tokens: { input, cache: { read: cost } },
          cost,
          error: { name },
        }),
      );
      const session = item('session', { time: { created: rows[0]?.[0], updated: rows[0]?.[1] } });
      metricsOf(session, ...messages);
    }),
  );
});

function newReports() {
  const session = newSession();
  const sent: SessionMetricsInput[] = [];
  const keep = async (metrics: SessionMetricsInput): Promise<void> => void sent.push(metrics);
  const report = (send = keep) => reportMetrics({ tables: session.tables, send, now });
  return { session, sent, report };
}
const open = item('session_open', {});
const close = item('session_close', { reason: 'completed' });

test('a session is reported once, with the reason of its close or as abandoned', async () => {
  const { session, sent, report } = newReports();
  session.take(1, open, message('m', { role: 'user' }));
  await report();
  await report();
  expect(sent.map((metrics) => metrics.terminationReason)).toEqual(['abandoned']);
  session.take(1, open, message('m2', { role: 'user' }), close);
  await report();
  await report();
  expect(sent.map((metrics) => metrics.terminationReason)).toEqual(['abandoned', 'completed']);
});

test('a batch that comes twice does not report twice', async () => {
  const { session, sent, report } = newReports();
  const batch = [open, message('m', { role: 'user' }), close];
  session.take(1, ...batch);
  await report();
  session.take(1, ...batch);
  await report();
  session.take(1, open);
  await report();
  expect(sent).toHaveLength(1);
});

test('an outage of o11y delays the report and loses nothing', async () => {
  const { session, sent, report } = newReports();
  session.take(1, open, close);
  const away = async (): Promise<void> => {
    throw new Error('away');
  };
  expect(await report(away)).toMatchObject({ kind: 'failed', retryAt: now + 30_000 });
  expect(await report(away)).toMatchObject({ kind: 'failed', retryAt: now + 60_000 });
  for (let tries = 0; tries < 20; tries += 1) await report(away);
  expect(await report(away)).toMatchObject({ retryAt: now + 3_600_000 });
  expect(await report()).toEqual({ kind: 'reported' });
  expect(sent).toHaveLength(1);
});

test('a session that opens again while it is reported is reported again', async () => {
  const { session, sent, report } = newReports();
  session.take(1, open, message('m', { role: 'user' }));
  await report(async (metrics) => {
    sent.push(metrics);
    session.take(1, open, message('m2', { role: 'user' }), close);
  });
  await report();
  expect(sent.map((metrics) => metrics.totalTurns)).toEqual([1, 2]);
});

test('a session that is deleted while it is reported leaves nothing', async () => {
  const { session, report } = newReports();
  session.take(1, open);
  await report(async () => session.clear());
  expect(session.tables().meta.get('reported')).toBeNull();
  expect(await report()).toEqual({ kind: 'nothing-to-report' });
});

import { SessionMetrics } from '@gateway/worker-utils/session-metrics';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { item, key, message, newSession, part } from '../testing/new-session.ts';
import { sessionMetricsOf } from './session-metrics-of.ts';

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

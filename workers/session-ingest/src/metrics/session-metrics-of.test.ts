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

const said = (role: string, created?: number, more: object = {}) => ({
  role,
  ...(created !== undefined && { time: { created } }),
  ...more,
});
const timed = (created: unknown, updated: unknown) =>
  item('session', { time: { created, updated } });
const call = (id: string, state: unknown) => part(id, 'm', { type: 'tool', tool: 'read', state });
const calls = (count: number, status: string, input: unknown) =>
  Array.from({ length: count }, (_, index) => call(`${status}${index}`, { status, input }));

test.each([
  ['a clock that was set back makes no time negative', [timed(5, 3)], { sessionDurationMs: 0 }],
  ['a session without a start has no duration', [timed(undefined, 3)], { sessionDurationMs: 0 }],
  ['a time that is no number counts as absent', [timed('x', 3)], { sessionDurationMs: 0 }],
  [
    'an answer before its question took no time',
    [message('a', said('user', 5)), message('b', said('assistant', 3))],
    { timeToFirstResponseMs: 0 },
  ],
  [
    'the first answer counts, in whatever order the messages came',
    [
      message('c', said('assistant', 9)),
      message('b', said('assistant', 7)),
      message('a', said('user', 5)),
    ],
    { timeToFirstResponseMs: 2, totalTurns: 1 },
  ],
  [
    'what a user message names is no usage',
    [message('a', said('user', 1, { cost: 3, tokens: { input: 3 }, error: { name: 'E' } }))],
    {
      totalCost: 0,
      totalErrors: 0,
      totalTokens: { input: 0, output: 0, reasoning: 0, cacheRead: 0, cacheWrite: 0 },
    },
  ],
  [
    'a cost that comes to less than nothing is none',
    [message('a', said('assistant', 1, { cost: -3 }))],
    { totalCost: 0 },
  ],
  [
    'an error without a name is none that could be counted',
    [message('a', said('assistant', 1, { error: {} }))],
    { totalErrors: 0, errorsByType: {} },
  ],
  [
    'errors of messages and of tools add up',
    [message('a', said('assistant', 1, { error: { name: 'E' } })), ...calls(1, 'error', { a: 1 })],
    { totalErrors: 2, errorsByType: { E: 1 }, toolErrorsByType: { read: 1 } },
  ],
  ['two equal calls are no circle', calls(2, 'completed', { a: 1 }), { stuckToolCallCount: 0 }],
  ['three equal calls are one', calls(3, 'completed', { a: 1 }), { stuckToolCallCount: 3 }],
  [
    'calls that have not ended are none',
    calls(4, 'running', { a: 1 }),
    { stuckToolCallCount: 0, toolCallsByType: { read: 4 } },
  ],
  ['a part without a type is skipped', [part('p', 'm')], { totalSteps: 0, toolCallsByType: {} }],
  ['a tool without a state is a call', [call('t', undefined)], { toolCallsByType: { read: 1 } }],
  [
    'a tool that is named like a prototype loses no record',
    [part('p', 'm', { type: 'tool', tool: '__proto__' })],
    { totalErrors: 0 },
  ],
  [
    'a part may come without its message',
    [part('p', 'm', { type: 'step-finish' })],
    { totalSteps: 1 },
  ],
  ['the last model counts', [item('model', [{ id: 'a' }, { id: 'b' }])], { model: 'b' }],
  ['no model is none', [item('model', [])], { model: '' }],
  ['a blank platform is unknown', [item('kilo_meta', { platform: ' ' })], { platform: 'unknown' }],
  [
    'the last word on the platform counts',
    [item('kilo_meta', { platform: 'vscode' }), item('kilo_meta', { platform: 'cli' })],
    { platform: 'cli' },
  ],
])('%s', (_, items, expected) => {
  expect(metricsOf(...items)).toMatchObject(expected);
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

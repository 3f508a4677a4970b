import { SessionMetrics } from '@gateway/worker-utils/session-metrics';
import { Instant } from '@gateway/worker-utils/time';
import { expect, test } from 'vitest';
import { sessionMetricsPoint } from './session-metrics-point.ts';
import { sessionMetricsRow } from './session-metrics-row.ts';

const input = {
  kiloUserId: 'user-1',
  organizationId: 'org-1',
  sessionId: 'session-1',
  platform: 'cli',
  sessionDurationMs: 60_000,
  timeToFirstResponseMs: 900,
  totalTurns: 4,
  totalSteps: 9,
  toolCallsByType: { read: 3 },
  toolErrorsByType: {},
  totalErrors: 1,
  errorsByType: { timeout: 1 },
  stuckToolCallCount: 2,
  totalTokens: {
    input: 10_000,
    output: 5_000,
    reasoning: 1_000,
    cacheRead: 3_000,
    cacheWrite: 2_000,
  },
  totalCost: 0.25,
  compactionCount: 3,
  autoCompactionCount: 1,
  terminationReason: 'completed',
  model: 'anthropic/claude-sonnet-4.6',
  ingestVersion: 7,
};

test('a point has the order that saved queries read, with the sum of the tokens', () => {
  expect(sessionMetricsPoint(SessionMetrics.parse(input))).toEqual({
    indexes: ['cli'],
    blobs: ['completed', 'cli', 'org-1', 'user-1', 'anthropic/claude-sonnet-4.6'],
    doubles: [60_000, 900, 4, 9, 1, 21_000, 0.25, 3, 2, 1, 7],
  });
});

test('what is not told has its stand-in: no organisation, no model, no first answer, version 0', () => {
  const { organizationId, model, timeToFirstResponseMs, ingestVersion, ...rest } = input;
  const { blobs, doubles } = sessionMetricsPoint(SessionMetrics.parse(rest));
  expect(blobs).toEqual(['completed', 'cli', '', 'user-1', '']);
  expect(doubles[1]).toBe(-1);
  expect(doubles[10]).toBe(0);
  expect([organizationId, model, timeToFirstResponseMs, ingestVersion]).toHaveLength(4);
});

test('a row of the stream has every column, also where no answer came', () => {
  const { timeToFirstResponseMs, ...rest } = input;
  const now = Instant.parse(1_700_000_000_000);
  const row = sessionMetricsRow(SessionMetrics.parse(input), now);
  expect(row).toEqual({
    platform: 'cli',
    termination_reason: 'completed',
    kilo_user_id: 'user-1',
    organization_id: 'org-1',
    model: 'anthropic/claude-sonnet-4.6',
    session_duration_ms: 60_000,
    time_to_first_response_ms: timeToFirstResponseMs,
    total_turns: 4,
    total_steps: 9,
    total_errors: 1,
    total_tokens: 21_000,
    total_cost: 0.25,
    compaction_count: 3,
    stuck_tool_call_count: 2,
    auto_compaction_count: 1,
    ingest_version: 7,
    created_at: now,
  });
  expect(sessionMetricsRow(SessionMetrics.parse(rest), now)).toEqual({
    ...row,
    time_to_first_response_ms: -1,
  });
});

test.each([
  { sessionId: '' },
  { terminationReason: 'bored' },
  { totalTurns: 1.5 },
  { totalCost: -1 },
  { totalTokens: { input: 1 } },
])('a session that is not one is refused: %j', (wrong) => {
  expect(SessionMetrics.safeParse({ ...input, ...wrong }).success).toBe(false);
});

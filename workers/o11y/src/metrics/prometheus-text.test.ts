import type { ApiMetrics } from '@gateway/worker-utils/api-metrics';
import { Instant } from '@gateway/worker-utils/time';
import { expect, test } from 'vitest';
import { nodeSql } from '@gateway/worker-utils/testing/node-sql';
import { answerTold, sessionTold as session } from '@gateway/worker-utils/testing/told';
import { createTables } from './embedded-tables.ts';
import { prometheusText } from './prometheus-text.ts';
import { pruneEmbedded } from './prune-embedded.ts';
import { totalsEmbedded } from './totals.ts';
import { writeEmbedded } from './write-embedded.ts';
import { writeSessionEmbedded } from './write-session-embedded.ts';

const now = Instant.parse(1_700_000_000_000);
const metrics = {
  ...answerTold,
  ttfbMs: 250,
  completeRequestMs: 2_000,
  tokens: { inputTokens: 10, outputTokens: 20 },
};

function store() {
  const sql = nodeSql();
  createTables(sql);
  const write = (changes: Partial<ApiMetrics> = {}) =>
    writeEmbedded(sql, [{ metrics: { ...metrics, ...changes }, at: now }]);
  return { sql, write, lines: () => prometheusText(totalsEmbedded(sql)).split('\n') };
}
const dimension = 'provider="openrouter",model="a/model",client="kilo-gateway"';

test('requests, their time and their tokens are counted by status', () => {
  const { write, lines } = store();
  write();
  write({ completeRequestMs: 500 });
  write({ statusCode: 429, tokens: undefined });
  const good = `{${dimension},status="2xx",user_byok="false"}`;
  expect(lines()).toEqual(
    expect.arrayContaining([
      '# TYPE llm_gateway_requests_total counter',
      `llm_gateway_requests_total${good} 2`,
      `llm_gateway_requests_total{${dimension},status="4xx",user_byok="false"} 1`,
      `llm_gateway_request_seconds_total${good} 2.5`,
      `llm_gateway_input_tokens_total${good} 20`,
      `llm_gateway_output_tokens_total${good} 40`,
    ]),
  );
});

test('sessions are counted by platform and by how they ended; nothing in them names a user', () => {
  const { sql, lines } = store();
  for (const terminationReason of ['completed', 'completed', 'error'] as const) {
    writeSessionEmbedded(sql, { ...session, terminationReason });
  }
  const labels = '{platform="cli",reason="completed"}';
  expect(lines()).toEqual(
    expect.arrayContaining([
      '# TYPE llm_gateway_sessions_total counter',
      `llm_gateway_sessions_total${labels} 2`,
      'llm_gateway_sessions_total{platform="cli",reason="error"} 1',
      `llm_gateway_session_seconds_total${labels} 180`,
      `llm_gateway_session_turns_total${labels} 4`,
      `llm_gateway_session_steps_total${labels} 10`,
      `llm_gateway_session_errors_total${labels} 2`,
      `llm_gateway_session_stuck_tool_calls_total${labels} 2`,
      `llm_gateway_session_compactions_total${labels} 2`,
      `llm_gateway_session_tokens_total${labels} 30`,
      `llm_gateway_session_cost_usd_total${labels} 0.5`,
    ]),
  );
  expect(lines().join('\n')).not.toContain('user-1');
});

test('platforms that callers make up share one name beyond a hundred, and those of our own clients keep theirs', () => {
  const { sql } = store();
  for (let n = 0; n < 200; n += 1) writeSessionEmbedded(sql, { ...session, platform: `p${n}` });
  const { sessions } = totalsEmbedded(sql);
  expect(sessions).toHaveLength(101);
  expect(sessions.find(({ platform }) => platform === 'other')?.sessions).toBe(100);
  writeSessionEmbedded(sql, { ...session, platform: 'vscode' });
  const own = totalsEmbedded(sql).sessions.find(({ platform }) => platform === 'vscode');
  expect(own?.sessions).toBe(1);
});

test('first bytes of successes are a histogram, each bucket with the smaller ones', () => {
  const { write, lines } = store();
  for (const ttfbMs of [250, 251, 90_000]) write({ ttfbMs });
  write({ ttfbMs: 1, statusCode: 500 });
  const buckets = lines().filter((line) => line.startsWith('llm_gateway_first_byte_seconds_'));
  const counts = buckets.map((line) => line.split(' ').at(-1));
  expect(buckets[0]).toBe(`llm_gateway_first_byte_seconds_bucket{${dimension},le="0.1"} 0`);
  expect(buckets[10]).toBe(`llm_gateway_first_byte_seconds_bucket{${dimension},le="+Inf"} 3`);
  expect(counts).toEqual(['0', '1', '2', '2', '2', '2', '2', '2', '2', '2', '3', '90.501', '3']);
});

test('a name can not forge a line', () => {
  const { write, lines } = store();
  write({ resolvedModel: 'a"b\\c\nforged 1' });
  expect(lines().filter((line) => line.startsWith('forged'))).toEqual([]);
  expect(lines().join('\n')).toContain('model="a\\"b\\\\c\\nforged 1"');
});

test('a counter does not shrink when old minutes are forgotten, as long as its model is used', () => {
  const { sql, write, lines } = store();
  write();
  const later = Instant.parse(now + 9 * 24 * 60 * 60 * 1000);
  writeEmbedded(sql, [{ metrics, at: later }]);
  pruneEmbedded(sql, later);
  expect(lines()).toContain(
    `llm_gateway_requests_total{${dimension},status="2xx",user_byok="false"} 2`,
  );
});

import { ApiMetrics } from '@gateway/worker-utils/api-metrics';
import { Instant } from '@gateway/worker-utils/time';
import { expect, test } from 'vitest';
import { apiMetricsPoint } from './api-metrics-point.ts';
import { apiMetricsRow } from './api-metrics-row.ts';

const input = {
  kiloUserId: 'user-1',
  isAnonymous: false,
  isStreaming: true,
  userByok: true,
  provider: 'openrouter',
  requestedModel: 'kilo/auto',
  resolvedModel: 'anthropic/claude-sonnet-4.6',
  toolsAvailable: ['function:read', 'function:write'],
  toolsUsed: ['function:read'],
  ttfbMs: 12,
  completeRequestMs: 340,
  statusCode: 429,
};
const metrics = ApiMetrics.parse(input);

test('the first columns of a point have the order that saved queries read', () => {
  const { indexes, blobs, doubles } = apiMetricsPoint(metrics);
  expect(indexes).toEqual(['anthropic/claude-sonnet-4.6']);
  expect(blobs.slice(0, 6)).toEqual([
    'openrouter',
    'anthropic/claude-sonnet-4.6',
    'kilo-gateway',
    '1',
    '',
    '1',
  ]);
  expect(doubles.slice(0, 3)).toEqual([12, 340, 429]);
});

test('what the first columns leave out comes after them', () => {
  const { blobs, doubles } = apiMetricsPoint(
    ApiMetrics.parse({
      ...input,
      mode: 'code',
      tokens: { inputTokens: 1, outputTokens: 2, cacheWriteTokens: 3, totalTokens: 6 },
      attempts: 2,
      ending: 'cut',
    }),
  );
  expect(blobs.slice(6)).toEqual([
    'kilo/auto',
    'code',
    '0',
    '1',
    'function:read,function:write',
    'function:read',
    'cut',
  ]);
  expect(doubles.slice(3)).toEqual([1, 2, 3, 0, 6, 2]);
});

test.each([
  [399, 'failed', '0'],
  [400, 'failed', '1'],
  [499, 'failed', '1'],
  // Nobody but the client ended it.
  [499, 'client-left', '0'],
  [500, 'client-left', '1'],
] as const)('status %i, ended as %s, has the error flag %s', (statusCode, ending, flag) => {
  const ended = { ...metrics, statusCode, ending };
  expect(apiMetricsPoint(ended).blobs[3]).toBe(flag);
  expect(apiMetricsRow(ended, Instant.parse(0)).is_error).toBe(flag === '1');
});

test('a long model id is cut to 96 bytes, between characters, so that the point is not dropped', () => {
  const { indexes, blobs } = apiMetricsPoint({ ...metrics, resolvedModel: `${'a'.repeat(95)}é` });
  expect(indexes).toEqual(['a'.repeat(95)]);
  expect(blobs[1]).toBe(`${'a'.repeat(95)}é`);
});

test('no caller can make a point larger than what Analytics Engine keeps', () => {
  const long = 'é'.repeat(10_000);
  const { blobs, doubles } = apiMetricsPoint({
    ...metrics,
    provider: long,
    inferenceProvider: long,
    resolvedModel: long,
    requestedModel: long,
    mode: long,
    toolsAvailable: [long, long],
    toolsUsed: [long],
  });
  expect(new TextEncoder().encode(blobs.join('')).byteLength).toBeLessThan(5_120);
  expect(Math.max(blobs.length, doubles.length)).toBeLessThanOrEqual(20);
});

test('a row of the stream has the columns of the stream, and no empty ones', () => {
  expect(apiMetricsRow(metrics, Instant.parse(1_700_000_000_000))).toEqual({
    provider: 'openrouter',
    resolved_model: 'anthropic/claude-sonnet-4.6',
    client_name: 'kilo-gateway',
    is_error: true,
    inference_provider: '',
    user_byok: true,
    ttfb_ms: 12,
    complete_request_ms: 340,
    status_code: 429,
    created_at: 1_700_000_000_000,
    requested_model: 'kilo/auto',
    is_anonymous: false,
    is_streaming: true,
    tools_available: ['function:read', 'function:write'],
    tools_used: ['function:read'],
  });
});

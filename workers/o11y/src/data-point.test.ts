import { ApiMetrics } from '@gateway/worker-utils/api-metrics';
import { expect, test } from 'vitest';
import { dataPointOf } from './data-point.ts';

const metrics = ApiMetrics.parse({
  kiloUserId: 'user-1',
  isAnonymous: false,
  isStreaming: true,
  userByok: true,
  provider: 'openrouter',
  requestedModel: 'kilo/auto',
  resolvedModel: 'anthropic/claude-sonnet-4.6',
  toolsAvailable: [],
  toolsUsed: [],
  ttfbMs: 12,
  completeRequestMs: 340,
  statusCode: 429,
});

test('a point has the order that saved queries read', () => {
  expect(dataPointOf(metrics)).toEqual({
    indexes: ['anthropic/claude-sonnet-4.6'],
    blobs: ['openrouter', 'anthropic/claude-sonnet-4.6', 'kilo-gateway', '1', '', '1'],
    doubles: [12, 340, 429],
  });
});

test('a long model id is cut to 96 bytes, between characters, so that the point is not dropped', () => {
  const { indexes, blobs } = dataPointOf({ ...metrics, resolvedModel: `${'a'.repeat(95)}é` });
  expect(indexes).toEqual(['a'.repeat(95)]);
  expect(blobs[1]).toBe(`${'a'.repeat(95)}é`);
});

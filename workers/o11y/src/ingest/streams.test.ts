import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ApiMetrics } from '@gateway/worker-utils/api-metrics';
import { Instant } from '@gateway/worker-utils/time';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { apiMetricsRow } from './api-metrics-row.ts';
import { answerTold as least, sessionTold as session } from '@gateway/worker-utils/testing/told';
import { sessionMetricsRow } from './session-metrics-row.ts';

// A stream drops a row that does not fit its schema, and tells nobody.

const types = {
  string: z.string(),
  bool: z.boolean(),
  int32: z.int32(),
  int64: z.int(),
  float64: z.number(),
  list: z.array(z.string()),
};
const Fields = z.object({
  fields: z.array(
    z.object({
      name: z.string(),
      type: z.enum(['string', 'bool', 'int32', 'int64', 'float64', 'list']),
      required: z.boolean(),
    }),
  ),
});
const fieldsOf = (stream: string) => {
  const file = join(import.meta.dirname, '../../streams', `${stream}.json`);
  return Fields.parse(JSON.parse(readFileSync(file, 'utf8'))).fields;
};
const rowSchemaOf = (stream: string) =>
  z.strictObject(
    Object.fromEntries(
      fieldsOf(stream).map(({ name, type, required }) => [
        name,
        required ? types[type] : types[type].optional(),
      ]),
    ),
  );
const columnsOf = (stream: string) => fieldsOf(stream).map(({ name }) => name);

const now = Instant.parse(1_700_000_000_000);
const most = ApiMetrics.parse({
  ...least,
  mode: 'code',
  toolsUsed: ['function:read'],
  tokens: {
    inputTokens: 1,
    outputTokens: 2,
    cacheWriteTokens: 3,
    cacheHitTokens: 4,
    totalTokens: 10,
  },
  attempts: 2,
  ending: 'cut',
});

test('a row of a request fits its stream, with all that can be told and with the least', () => {
  expect(Object.keys(apiMetricsRow(most, now))).toEqual(columnsOf('api-metrics'));
  for (const metrics of [most, least])
    rowSchemaOf('api-metrics').parse(apiMetricsRow(metrics, now));
});

test('a stream of before still takes the rows: they have each of its columns, first and in its order', () => {
  expect(Object.keys(apiMetricsRow(least, now)).slice(0, 10)).toEqual([
    'provider',
    'resolved_model',
    'client_name',
    'is_error',
    'inference_provider',
    'user_byok',
    'ttfb_ms',
    'complete_request_ms',
    'status_code',
    'created_at',
  ]);
  expect(columnsOf('api-metrics').slice(0, 10)).toEqual(
    Object.keys(apiMetricsRow(least, now)).slice(0, 10),
  );
});

test('a row of a session fits its stream, also of one that was never answered', () => {
  const row = sessionMetricsRow(session, now);
  expect(Object.keys(row)).toEqual(columnsOf('session-metrics'));
  rowSchemaOf('session-metrics').parse(row);
  expect(row.time_to_first_response_ms).toBe(-1);
});

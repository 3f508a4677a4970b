import { Instant } from '@gateway/worker-utils/time';
import { expect, test } from 'vitest';
import { apiMetricsPoint } from './ingest/api-metrics-point.ts';
import { apiMetricsRow } from './ingest/api-metrics-row.ts';
import { sessionMetricsPoint } from './ingest/session-metrics-point.ts';
import { sessionMetricsRow } from './ingest/session-metrics-row.ts';
import type { MetricsStore } from './metrics-store.ts';
import { answerTold as metrics, sessionTold as session } from '@gateway/worker-utils/testing/told';
import { ingestFrom } from './wiring.ts';

const now = Instant.parse(1_700_000_000_000);
const clock = { now: () => now };
const objectives = async () => new Set(['watched/model']);
const answers = {
  count: async () => [],
  errorRate: async () => null,
  ttfb: async () => null,
};
const elsewhere: MetricsStore = { kind: 'analytics-engine', answers };

function world(store = elsewhere) {
  const written: unknown[] = [];
  const dataset = (name: string) => ({
    writeDataPoint: (point?: object) => void written.push([name, point]),
  });
  const stream = (name: string) => ({
    send: async (rows: object[]) => void written.push(...rows.map((row) => [name, row])),
  });
  const env = {
    O11Y_API_METRICS: dataset('api points'),
    O11Y_SESSION_METRICS: dataset('session points'),
    API_METRICS_STREAM: stream('api stream'),
    SESSION_METRICS_STREAM: stream('session stream'),
  };
  return { written, env, ingest: ingestFrom(env, { clock, store, objectives }) };
}

test('a request is one point and one row, in the dataset and the stream of requests', async () => {
  const { written, ingest } = world();
  await ingest.ingestApiMetrics(metrics);
  expect(written).toEqual([
    ['api points', apiMetricsPoint(metrics)],
    ['api stream', apiMetricsRow(metrics, now)],
  ]);
});

test('a session is one point and one row, in the dataset and the stream of sessions', async () => {
  const { written, ingest } = world();
  await ingest.ingestSessionMetrics(session);
  expect(written).toEqual([
    ['session points', sessionMetricsPoint(session)],
    ['session stream', sessionMetricsRow(session, now)],
  ]);
});

test('who tells hears of a stream that did not take it, once the rest is written', async () => {
  const { written, env } = world();
  const full = { send: () => Promise.reject(new Error('full')) };
  const broken = { ...env, API_METRICS_STREAM: full, SESSION_METRICS_STREAM: full };
  const ingest = ingestFrom(broken, { clock, store: elsewhere, objectives });
  const failure = { errors: [{ message: 'Writing to stream failed', cause: { message: 'full' } }] };
  await expect(ingest.ingestApiMetrics(metrics)).rejects.toMatchObject(failure);
  await expect(ingest.ingestSessionMetrics(session)).rejects.toMatchObject(failure);
  expect(written).toEqual([
    ['api points', apiMetricsPoint(metrics)],
    ['session points', sessionMetricsPoint(session)],
  ]);
});

test('where there are no streams and nobody else keeps metrics, they are kept here', async () => {
  const kept: unknown[] = [];
  const { env } = world();
  const ingest = ingestFrom(
    { O11Y_API_METRICS: env.O11Y_API_METRICS, O11Y_SESSION_METRICS: env.O11Y_SESSION_METRICS },
    {
      clock,
      objectives,
      store: {
        kind: 'embedded',
        answers,
        totals: async () => ({ requests: [], firstBytes: [], sessions: [] }),
        write: async (given) => void kept.push(given),
        writeSession: async (given) => void kept.push(given),
      },
    },
  );
  await ingest.ingestApiMetrics(metrics);
  await ingest.ingestSessionMetrics(session);
  expect(kept).toEqual([metrics, session]);
});

test('a model that no list has keeps its name only where it has an objective', async () => {
  const { written, ingest } = world();
  const unlisted = { ...metrics, resolvedModel: 'other' };
  await ingest.ingestApiMetrics({ ...unlisted, unlistedModel: 'watched/model' });
  await ingest.ingestApiMetrics({ ...unlisted, unlistedModel: 'made/up' });
  const points = written.filter((entry) => Array.isArray(entry) && entry[0] === 'api points');
  expect(points).toMatchObject([
    ['api points', { indexes: ['watched/model'] }],
    ['api points', { indexes: ['other'] }],
  ]);
});

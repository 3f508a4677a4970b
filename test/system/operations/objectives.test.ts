import { answerTold } from '@gateway/worker-utils/testing/told';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type MovedO11y, startMovedO11y } from '../../support/moved-o11y.ts';

// What an operator does with o11y: objectives of both kinds, what to choose them by, and what comes of them.

const MODEL = answerTold.resolvedModel;
const MINUTE_MS = 60_000;
const begin = Date.UTC(2026, 0, 10);
let o11y: MovedO11y;
beforeAll(async () => {
  o11y = await startMovedO11y();
});
afterAll(() => o11y?.stop());

const ask = async (method: string, path: string, body?: object): Promise<unknown> =>
  (await o11y.send(method, path, body)).json();

const errors = { model: MODEL, enabled: true, errorRateSlo: 0.99, minRequestsPerWindow: 10 };
const firstBytes = {
  model: MODEL,
  enabled: true,
  ttfbThresholdMs: 2_000,
  ttfbSlo: 0.95,
  minRequestsPerWindow: 10,
};
const kinds = [
  { path: '/alerting/config', config: errors, changed: { ...errors, errorRateSlo: 0.5 } },
  { path: '/alerting/ttfb-config', config: firstBytes, changed: { ...firstBytes, ttfbSlo: 0.5 } },
];

test('objectives of a kind are kept, replaced and removed, and those of the other kind left alone', async () => {
  const kept = (path: string) => ask('GET', path);
  const stored = (config: object) => ({ ...config, updatedAt: new Date(0).toISOString() });
  for (const { path, config } of kinds) {
    expect(await ask('PUT', path, config)).toEqual({ success: true, config: stored(config) });
    await ask('PUT', path, { ...config, model: 'A/model', enabled: false });
  }
  for (const { path, config, changed } of kinds) {
    await ask('PUT', path, changed);
    expect(await kept(path)).toEqual({
      success: true,
      configs: [stored({ ...config, model: 'A/model', enabled: false }), stored(changed)],
    });
    expect(await ask('DELETE', `${path}?model=${MODEL}`)).toEqual({ success: true });
    expect(await ask('DELETE', `${path}?model=A/model`)).toEqual({ success: true });
    expect(await kept(path)).toEqual({ success: true, configs: [] });
  }
});

test('slow first bytes page with their figures, and baselines tell the same; own keys and errors are not in them', async () => {
  await ask('PUT', '/alerting/ttfb-config', firstBytes);
  const slow = { ...answerTold, ttfbMs: 2_500 };
  const metrics = [
    ...Array.from({ length: 8 }, () => answerTold),
    ...Array.from({ length: 32 }, () => slow),
    ...Array.from({ length: 10 }, () => ({ ...slow, statusCode: 503 })),
    ...Array.from({ length: 50 }, () => ({ ...slow, userByok: true })),
  ];
  await o11y.pass([{ at: begin, runs: 1, metrics }]);
  expect(o11y.slack.received).toEqual([]);
  await o11y.pass([{ at: begin + MINUTE_MS, runs: 1, metrics: [] }]);
  expect(o11y.slack.received).toMatchObject([{ path: '/page' }]);
  const { body } = o11y.slack.received[0] ?? { body: '' };
  expect(body).toContain('LLM TTFB Latency SLO Breach');
  expect(body).toContain('80.00% of requests exceeded 2000ms TTFB (budget: 5.00%)');
  expect(body).toContain('16.0x (threshold: 14.4x)');
  expect(body).toContain('Total requests: 40');

  expect(await ask('GET', `/alerting/ttfb-baseline?model=${MODEL}`)).toEqual({
    success: true,
    baseline: {
      model: MODEL,
      p50Ttfb3d: 2_500,
      p95Ttfb3d: 2_500,
      p99Ttfb3d: 2_500,
      requests3d: 40,
    },
  });
  expect(await ask('GET', `/alerting/baseline?model=${MODEL}`)).toEqual({
    success: true,
    baseline: {
      model: MODEL,
      errorRate1d: 0.2,
      errorRate3d: 0.2,
      errorRate7d: 0.2,
      requests1d: 50,
      requests3d: 50,
      requests7d: 50,
    },
  });
});

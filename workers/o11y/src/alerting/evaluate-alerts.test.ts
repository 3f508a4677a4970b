import { Instant } from '@gateway/worker-utils/time';
import { expect, test } from 'vitest';
import { nodeSql } from '@gateway/worker-utils/testing/node-sql';
import type { Breach, DimensionCounts } from './breaches.ts';
import { dimensionKey } from './dimension.ts';
import { type AlertNeeds, evaluateAlerts } from './evaluate-alerts.ts';
import { alertLogTable } from './alert-log-table.ts';

const now = Instant.parse(1_700_000_000_000);
const minutes = (count: number) => Instant.parse(now + count * 60_000);

const config = {
  model: 'a/model',
  enabled: true,
  errorRateSlo: 0.99,
  minRequestsPerWindow: 10,
  updatedAt: '',
};
const ttfbConfig = {
  model: 'a/model',
  enabled: true,
  ttfbThresholdMs: 2_000,
  ttfbSlo: 0.9,
  minRequestsPerWindow: 10,
  updatedAt: '',
};
const broken: DimensionCounts = {
  provider: 'openrouter',
  model: 'a/model',
  clientName: 'kilo-gateway',
  total: 100,
  bad: 60,
};

function world(changes: Partial<AlertNeeds> = {}) {
  const table = alertLogTable(nodeSql());
  let clock = now;
  const notified: string[] = [];
  const asked: number[] = [];
  const nameOf = ({ window, objective, counts }: Breach) =>
    `${window.severity} ${window.longMinutes} ${objective.question.kind} ${counts.provider}`;
  const needs: AlertNeeds = {
    configs: { errorRate: async () => [config], ttfb: async () => [] },
    counts: {
      count: async (_question, since) => {
        asked.push(since);
        return [broken];
      },
    },
    log: {
      claim: async (claim) => table.claim(claim, clock),
      record: async (key) => table.record(key, clock),
      release: async (key) => table.release(key),
    },
    notify: async (breach) => {
      notified.push(nameOf(breach));
    },
    ...changes,
  };
  const run = (at: Instant = now) => {
    clock = at;
    return evaluateAlerts(needs, at);
  };
  return { notified, asked, run, nameOf };
}

test('one outage is one page: the slower window and the ticket stay silent', async () => {
  const { run, notified } = world();
  const { sent, errors } = await run();
  expect(errors).toEqual([]);
  expect(sent).toHaveLength(1);
  expect(notified).toEqual(['page 5 error_rate openrouter']);
});

test('a page is sent again when its silence is over, a minute earlier it is not', async () => {
  const { run, notified } = world();
  for (const minute of [0, 1, 14, 15]) await run(minutes(minute));
  expect(notified).toHaveLength(2);
});

test('the short window is asked for only when the long one trips', async () => {
  const quiet = world({ counts: { count: async () => [] } });
  expect((await quiet.run()).sent).toEqual([]);
  const counts: number[] = [];
  const calm = world({
    counts: {
      count: async (_question, since) => {
        counts.push((now - since) / 60_000);
        return [{ ...broken, bad: 0 }];
      },
    },
  });
  await calm.run();
  expect(counts).toEqual([5, 30, 360]);
});

test('an outage that is over in the short window alerts nobody', async () => {
  const { run, notified } = world({
    counts: {
      count: async (_question, since) =>
        [5, 30, 360].includes((now - since) / 60_000) && since !== minutes(-30) ? [broken] : [],
    },
  });
  await run();
  expect(notified).toEqual([]);
});

test('each provider, model and client has alerts of its own, and silences no other', async () => {
  const rows = [broken, { ...broken, provider: 'vercel' }, { ...broken, clientName: 'web-app' }];
  const notified: string[] = [];
  const { run } = world({
    configs: {
      errorRate: async () => [config, { ...config, model: 'b/model' }],
      ttfb: async () => [],
    },
    counts: { count: async () => rows },
    notify: async ({ counts }) => {
      notified.push(dimensionKey(counts));
    },
  });
  await run();
  expect(notified).toEqual(rows.map(dimensionKey));
  const another = { ...broken, model: 'b/model' };
  rows.push(another);
  await run(minutes(1));
  expect(notified.slice(3)).toEqual([dimensionKey(another)]);
});

test('a ticket that was sent keeps no page back', async () => {
  // One in fifty is twice what may fail; then all of it fails.
  let bad = 2;
  const { run, notified } = world({ counts: { count: async () => [{ ...broken, bad }] } });
  await run();
  bad = 100;
  await run(minutes(1));
  expect(notified).toEqual(['ticket 360 error_rate openrouter', 'page 5 error_rate openrouter']);
});

test('a webhook that fails silences no other alert, and is tried again by the next run', async () => {
  const notified: string[] = [];
  let isDown = true;
  const { run, nameOf } = world({
    counts: { count: async () => [broken, { ...broken, provider: 'vercel' }] },
    notify: async (breach) => {
      if (isDown && breach.counts.provider === 'openrouter') throw new Error('no webhook');
      notified.push(nameOf(breach));
    },
  });
  const { errors } = await run();
  // Both windows of the page, and the ticket.
  expect(errors).toHaveLength(3);
  expect(notified).toEqual(['page 5 error_rate vercel']);
  isDown = false;
  await run(minutes(1));
  expect(notified).toEqual(['page 5 error_rate vercel', 'page 5 error_rate openrouter']);
});

test('of two runs at once, one sends; the other neither sends nor fails', async () => {
  const { run, notified } = world();
  const runs = await Promise.all([run(), run()]);
  expect(notified).toEqual(['page 5 error_rate openrouter']);
  expect(runs.flatMap(({ errors }) => errors)).toEqual([]);
});

test('a run that dies while it sends delays the alert by a minute, and loses none', async () => {
  const began = Promise.withResolvers<void>();
  const notified: string[] = [];
  let tries = 0;
  const { run, nameOf } = world({
    notify: async (breach) => {
      tries += 1;
      began.resolve();
      if (tries === 1) await new Promise(() => undefined);
      notified.push(nameOf(breach));
    },
  });
  void run();
  await began.promise;
  await run(Instant.parse(now + 59_000));
  expect(notified).toEqual([]);
  await run(minutes(1));
  expect(notified).toEqual(['page 5 error_rate openrouter']);
});

test('a query or a configuration that fails leaves the others running', async () => {
  const { run, notified } = world({
    configs: {
      errorRate: () => Promise.reject(new Error('object away')),
      ttfb: async () => [ttfbConfig, { ...ttfbConfig, model: 'b/model', ttfbThresholdMs: 900 }],
    },
    counts: {
      count: async (question) => {
        if (question.kind === 'ttfb' && question.thresholdMs === 900) throw new Error('timeout');
        return [{ ...broken, bad: 100 }];
      },
    },
  });
  const { errors } = await run();
  expect(errors).toHaveLength(4);
  expect(notified).toEqual(['page 30 ttfb openrouter']);
});

import { Instant } from '@gateway/worker-utils/time';
import { expect, test } from 'vitest';
import { countEmbedded } from '../metrics/count-embedded.ts';
import { createTables } from '../metrics/embedded-tables.ts';
import { pruneEmbedded } from '../metrics/prune-embedded.ts';
import { writeEmbedded } from '../metrics/write-embedded.ts';
import { answerTold } from '@gateway/worker-utils/testing/told';
import { nodeSql } from '@gateway/worker-utils/testing/node-sql';
import type { Breach } from './breaches.ts';
import { evaluateAlerts } from './evaluate-alerts.ts';
import { alertLogTable } from './alert-log-table.ts';

/** A second on an idle machine. */
const DAY_MS_MAX = 60_000;
const MINUTE = 60_000;
const midnight = Date.UTC(2026, 0, 1);
const at = (minute: number, second = 0) =>
  Instant.parse(midnight + minute * MINUTE + second * 1_000);

const REQUESTS_A_MINUTE = 12;
const metrics = { ...answerTold, ttfbMs: 400 };
const common = { model: 'a/model', enabled: true, minRequestsPerWindow: 10, updatedAt: '' };
const errorRate = { ...common, errorRateSlo: 0.99 };
const ttfb = { ...common, ttfbThresholdMs: 2_000, ttfbSlo: 0.95 };

type Minute = { readonly statusCode?: number; readonly ttfbMs?: number };
type Sent = { readonly minute: number; readonly breach: Breach };

/** A whole day of steady traffic, evaluated a few seconds into every minute, as a cron does. */
async function day(requestOf: (minute: number, n: number) => Minute): Promise<readonly Sent[]> {
  const sql = nodeSql();
  createTables(sql);
  const table = alertLogTable(sql);
  const sent: Sent[] = [];
  for (let minute = 0; minute < 24 * 60; minute += 1) {
    const now = at(minute, 3);
    const { errors } = await evaluateAlerts(
      {
        configs: { errorRate: async () => [errorRate], ttfb: async () => [ttfb] },
        counts: { count: async (question, since) => countEmbedded(sql, question, since) },
        log: {
          claim: async (claim) => table.claim(claim, now),
          record: async (key) => table.record(key, now),
          release: async (key) => table.release(key),
        },
        notify: async (breach) => {
          sent.push({ minute, breach });
        },
      },
      now,
    );
    expect(errors).toEqual([]);
    if (minute % 60 === 0) pruneEmbedded(sql, now);
    for (let n = 0; n < REQUESTS_A_MINUTE; n += 1) {
      writeEmbedded(sql, [
        { metrics: { ...metrics, ...requestOf(minute, n) }, at: at(minute, 5 + n) },
      ]);
    }
  }
  return sent;
}

const alertsOf = (sent: readonly Sent[]) =>
  sent.map(({ minute, breach }) => ({
    minute,
    alert: `${breach.window.severity} ${breach.objective.question.kind}`,
  }));

test('a quiet day alerts nobody', { timeout: DAY_MS_MAX }, async () => {
  // One error in 200 requests: half of what the objective allows.
  const sent = await day((minute, n) => ({
    statusCode: (minute * REQUESTS_A_MINUTE + n) % 200 === 199 ? 500 : 200,
  }));
  expect(sent).toEqual([]);
});

test(
  'an outage of ten minutes is one page, within two minutes, and no ticket, then or later',
  { timeout: DAY_MS_MAX },
  async () => {
    const start = 12 * 60;
    const sent = await day((minute, n) => ({
      statusCode: minute >= start && minute < start + 10 && n % 5 < 3 ? 500 : 200,
    }));
    expect(sent).toHaveLength(1);
    const [page] = sent;
    expect(page?.breach.window).toMatchObject({ severity: 'page', longMinutes: 5 });
    expect(page?.minute).toBeGreaterThan(start);
    expect(page?.minute).toBeLessThanOrEqual(start + 2);
    // Five minutes of traffic; those of the outage had eight errors of twelve.
    expect(page?.breach.counts).toEqual({
      provider: 'openrouter',
      model: 'a/model',
      clientName: 'kilo-gateway',
      total: 60,
      bad: ((page?.minute ?? 0) - start) * 8,
    });
  },
);

test(
  'an outage that goes on pages every quarter of an hour, until it is over',
  { timeout: DAY_MS_MAX },
  async () => {
    const start = 6 * 60;
    const sent = await day((minute, n) => ({
      statusCode: minute >= start && minute < start + 40 && n % 5 < 3 ? 500 : 200,
    }));
    const alerts = alertsOf(sent);
    expect(alerts.map(({ alert }) => alert)).toEqual(
      Array.from({ length: 3 }, () => 'page error_rate'),
    );
    const [first, second, third] = alerts.map(({ minute }) => minute);
    expect([second, third]).toEqual([(first ?? 0) + 15, (first ?? 0) + 30]);
  },
);

test(
  'a slow leak is a ticket every four hours, and wakes nobody',
  { timeout: DAY_MS_MAX },
  async () => {
    // One in 50: twice what the objective allows, too little for a page.
    const sent = await day((minute, n) => ({
      statusCode: (minute * REQUESTS_A_MINUTE + n) % 50 === 49 ? 500 : 200,
    }));
    const alerts = alertsOf(sent);
    expect(new Set(alerts.map(({ alert }) => alert))).toEqual(new Set(['ticket error_rate']));
    expect(alerts.length).toBe(6);
  },
);

test(
  'slow first bytes page by themselves, and errors are not among them',
  { timeout: DAY_MS_MAX },
  async () => {
    const start = 12 * 60;
    const sent = await day((minute) =>
      minute >= start && minute < start + 10 ? { ttfbMs: 2_500 } : { ttfbMs: 2_000 },
    );
    expect(alertsOf(sent).map(({ alert }) => alert)).toEqual(['page ttfb']);
  },
);

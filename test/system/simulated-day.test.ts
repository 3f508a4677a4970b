import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startWorkerd, type Workerd } from '@gateway/local/workerd';
import { workerdConfig } from '@gateway/local/workerd-config';
import { bundle, configOf } from '@gateway/local/workers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startWebhook, type Webhook } from '../support/webhook.ts';

// A day of traffic through the deployed worker on workerd, with its objects, its RPC and a webhook. Only the clock is ours.

const TOKEN = 'admin-token';
const MODEL = 'a/model';
const MINUTE_MS = 60_000;
const REQUESTS_A_MINUTE = 12;
const folder = mkdtempSync(join(tmpdir(), 'simulated-day-'));
let slack: Webhook;
let workerd: Workerd;

beforeAll(async () => {
  slack = await startWebhook();
  await bundle('o11y', join(folder, 'bundle'), 'workers/o11y/src/testing/index.ts');
  const storageFolder = join(folder, 'objects');
  mkdirSync(storageFolder);
  const config = join(folder, 'workerd.capnp');
  // No cron of the machine's own: the minutes of this day are not its minutes.
  const worker = { ...configOf('o11y'), triggers: { crons: [] } };
  const written = workerdConfig({
    services: [{ name: 'o11y', module: 'bundle/index.js', config: worker }],
    vars: { O11Y_METRICS_STORE: 'embedded' },
    database: new URL('postgres://nobody@127.0.0.1/none'),
    storageFolder,
    network: ['127.0.0.1/32'],
  });
  writeFileSync(config, written);
  workerd = await startWorkerd({
    config,
    ports: { o11y: 0 },
    logFile: join(folder, 'workers.log'),
    secrets: {
      O11Y_KILO_GATEWAY_CLIENT_SECRET: TOKEN,
      O11Y_SLACK_WEBHOOK_PAGE: `${slack.url}/page`,
      O11Y_SLACK_WEBHOOK_TICKET: `${slack.url}/ticket`,
    },
    onLine: () => undefined,
  });
});
afterAll(async () => {
  await workerd?.stop();
  await slack.close();
  rmSync(folder, { recursive: true, force: true });
});

const post = async (path: string, body: object, method = 'POST') => {
  const response = await fetch(`${workerd.urlOf('o11y')}${path}`, {
    method,
    headers: { authorization: `Bearer ${TOKEN}` },
    body: JSON.stringify(body),
  });
  await response.text();
  expect(response.status).toBe(200);
};

const midnight = Date.UTC(2026, 0, 1);
const metrics = {
  kiloUserId: 'user-1',
  isAnonymous: false,
  isStreaming: true,
  userByok: false,
  provider: 'openrouter',
  requestedModel: MODEL,
  resolvedModel: MODEL,
  toolsAvailable: [],
  toolsUsed: [],
  ttfbMs: 400,
  completeRequestMs: 3_000,
};

const NOON = 12 * 60;
const OUTAGE_MINUTES = 10;

const minuteOfDay = (minute: number) => {
  const isOut = minute >= NOON && minute < NOON + OUTAGE_MINUTES;
  return {
    at: midnight + minute * MINUTE_MS,
    // Crons that are late overlap.
    runs: isOut ? 2 : 1,
    metrics: Array.from({ length: REQUESTS_A_MINUTE }, (_, n) => ({
      ...metrics,
      statusCode: isOut && n % 3 < 2 ? 503 : 200,
    })),
  };
};

test(
  'an outage of ten minutes at noon is one page in its second minute, no ticket, and nothing after it, though crons overlap',
  { timeout: 300_000 },
  async () => {
    await post(
      '/alerting/config',
      { model: MODEL, enabled: true, errorRateSlo: 0.99, minRequestsPerWindow: 10 },
      'PUT',
    );
    const sentByHour: number[] = [];
    for (let hour = 0; hour < 24; hour += 1) {
      const minutes = Array.from({ length: 60 }, (_, minute) => minuteOfDay(hour * 60 + minute));
      await post('/minutes', minutes);
      sentByHour.push(slack.received.length);
    }
    expect(sentByHour).toEqual([...Array<number>(12).fill(0), ...Array<number>(12).fill(1)]);
    const [page] = slack.received;
    expect(page?.path).toBe('/page');
    // Of five minutes with twelve requests each, one minute had eight errors: too few. Two have sixteen.
    expect(page?.body).toContain('Error rate: 26.67% (SLO: 99.00%)');
    expect(page?.body).toContain('Total requests: 60');
  },
);

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startWorkerd } from '@gateway/local/workerd/workerd';
import { workerdConfig } from '@gateway/local/workerd/workerd-config';
import { bundle, configOf } from '@gateway/local/workerd/workers';
import { type Reply, startWebhook, type Webhook } from './webhook.ts';

const TOKEN = 'the-admin-token-of-a-test';

/** The deployed worker on workerd, with its objects, its RPC and a webhook. Only the clock is the test's. */
export type MovedO11y = {
  /** What is posted to the webhooks, under `/page` and `/ticket`. */
  readonly slack: Webhook;
  readonly send: (method: string, path: string, body?: object) => Promise<Response>;
  /** Runs each minute's cron, then tells the traffic in it. Fails where a cron does. */
  readonly pass: (minutes: readonly Minute[]) => Promise<Response>;
  /** What it has logged. */
  readonly lines: readonly string[];
  readonly stop: () => Promise<void>;
};
type Minute = {
  readonly at: number;
  /** Of the cron: some that are late overlap. */
  readonly runs: number;
  readonly metrics: readonly object[];
};

export async function startMovedO11y(reply?: Reply): Promise<MovedO11y> {
  const folder = mkdtempSync(join(tmpdir(), 'moved-o11y-'));
  const slack = await startWebhook(reply);
  await bundle('o11y', join(folder, 'bundle'), 'workers/o11y/src/testing/index.ts');
  const storageFolder = join(folder, 'objects');
  mkdirSync(storageFolder);
  const config = join(folder, 'workerd.capnp');
  // No cron of the machine's own: the minutes of a test are not its minutes.
  const worker = { ...configOf('o11y'), triggers: { crons: [] } };
  const written = workerdConfig({
    services: [{ name: 'o11y', module: 'bundle/index.js', config: worker }],
    vars: { O11Y_METRICS_STORE: 'embedded' },
    database: new URL('postgres://nobody@127.0.0.1/none'),
    storageFolder,
    network: ['127.0.0.1/32'],
  });
  writeFileSync(config, written);
  const lines: string[] = [];
  const workerd = await startWorkerd({
    config,
    ports: { o11y: 0 },
    logFile: join(folder, 'workers.log'),
    secrets: {
      O11Y_KILO_GATEWAY_CLIENT_SECRET: TOKEN,
      O11Y_SLACK_WEBHOOK_PAGE: `${slack.url}/page`,
      O11Y_SLACK_WEBHOOK_TICKET: `${slack.url}/ticket`,
    },
    onLine: (line) => lines.push(line),
  });
  const send: MovedO11y['send'] = (method, path, body) =>
    fetch(`${workerd.urlOf('o11y')}${path}`, {
      method,
      headers: { authorization: `Bearer ${TOKEN}` },
      ...(body && { body: JSON.stringify(body) }),
    });
  return {
    slack,
    lines,
    send,
    pass: (minutes) => send('POST', '/minutes', minutes),
    async stop() {
      await workerd.stop();
      await slack.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

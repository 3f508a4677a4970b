import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { prepareDatabase } from '@gateway/db/migrate';
import { plant } from '@gateway/db/seed';
import { createTestDatabase, run } from '@gateway/db/test-database';
import { readWorkerConfig } from '@gateway/local/worker-config';
import { startWorkerd, type Workerd } from '@gateway/local/workerd';
import { workerdConfig } from '@gateway/local/workerd-config';
import { tokenFor } from '@gateway/local/tokens';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { z } from 'zod';

// The worker on workerd with real objects and real Postgres. Another worker stands for o11y, and says what it is told.

const SECRET = randomUUID();
const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'session-ingest-test-'));
const lines: string[] = [];
let databaseUrl: string;
let workerd: Workerd;

beforeAll(async () => {
  databaseUrl = await createTestDatabase(inject('postgresUrl'));
  await prepareDatabase(databaseUrl);
  const configFile = join(root, 'workers/session-ingest/wrangler.jsonc');
  await bundle(configFile);
  const storageFolder = join(folder, 'objects');
  mkdirSync(storageFolder);
  const written = workerdConfig({
    services: [
      standIn(),
      {
        name: 'session-ingest',
        module: 'bundle/index.js',
        config: readWorkerConfig(configFile),
      },
    ],
    vars: { ENVIRONMENT: 'development' },
    database: new URL(databaseUrl),
    storageFolder,
    network: [],
  });
  const config = join(folder, 'workerd.capnp');
  writeFileSync(config, written);
  workerd = await startWorkerd({
    config,
    ports: { o11y: 0, 'session-ingest': 0 },
    logFile: join(folder, 'workers.log'),
    secrets: { NEXTAUTH_SECRET_PROD: SECRET },
    onLine: (line) => lines.push(line),
  });
});
afterAll(async () => {
  await workerd?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function bundle(configFile: string): Promise<void> {
  const wrangler = join(root, 'node_modules/wrangler/bin/wrangler.js');
  const to = join(folder, 'bundle');
  const env = {
    ...process.env,
    CI: '1',
    WRANGLER_SEND_METRICS: 'false',
    WRANGLER_LOG_PATH: join(folder, 'wrangler.log'),
    XDG_CONFIG_HOME: join(folder, 'config'),
  };
  const args = [wrangler, 'deploy', '--dry-run', '--outdir', to, '--config', configFile];
  await promisify(execFile)(process.execPath, args, { cwd: root, env });
}

/** Stands for o11y, and for the worker that calls by RPC: everything but `/rpc/<method>` is passed on to the real one. */
function standIn() {
  writeFileSync(
    join(folder, 'o11y.js'),
    `import { WorkerEntrypoint } from 'cloudflare:workers';
export default class extends WorkerEntrypoint {
  ingestSessionMetrics(metrics) { console.log('reported ' + JSON.stringify(metrics)); }
  async fetch(request) {
    const method = new URL(request.url).pathname.split('/rpc/')[1];
    if (!method) return this.env.HTTP.fetch(request);
    return Response.json((await this.env.RPC[method](await request.json())) ?? null);
  }
}`,
  );
  const file = join(folder, 'o11y.jsonc');
  const services = [
    { binding: 'HTTP', service: 'session-ingest' },
    { binding: 'RPC', service: 'session-ingest', entrypoint: 'SessionIngestRPC' },
  ];
  const config = { name: 'o11y', main: 'o11y.js', compatibility_date: '2026-11-01', services };
  writeFileSync(file, JSON.stringify(config));
  return { name: 'o11y', module: 'o11y.js', config: readWorkerConfig(file) };
}

async function newcomer() {
  const id = randomUUID();
  const pepper = `pepper of ${id}`;
  const user = {
    id,
    google_user_email: `${id}@example.com`,
    google_user_name: 'Newcomer',
    google_user_image_url: '',
    stripe_customer_id: '',
    api_token_pepper: pepper,
  };
  await plant(databaseUrl, { kilocode_users: [user] });
  const token = await tokenFor({ user: id, pepper, organization: null }, SECRET);
  const ask = async (method: string, path: string, body?: unknown) => {
    const response = await fetch(`${workerd.urlOf('o11y')}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}` },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const json: unknown = await response.json();
    return { status: response.status, body: json };
  };
  return { id, ask };
}
type Ask = Awaited<ReturnType<typeof newcomer>>['ask'];

async function newSession(ask: Ask): Promise<string> {
  const sessionId = `ses_${randomUUID().replaceAll('-', '').slice(0, 26)}`;
  const ingestPath = `/api/session/${sessionId}/ingest`;
  expect(await ask('POST', '/api/session', { sessionId })).toEqual({
    status: 200,
    body: { id: sessionId, ingestPath },
  });
  return sessionId;
}
const done = { status: 200, body: { success: true } };
const gone = { status: 404, body: { success: false, error: 'session_not_found' } };

test('a session is taken in, exported, shared, unshared and deleted with its children', async () => {
  const { ask } = await newcomer();
  const parent = await newSession(ask);
  const child = await newSession(ask);
  const data = [
    { type: 'part', data: { id: 'p1', messageID: 'm1', text: 'Hello' } },
    { type: 'message', data: { id: 'm1', role: 'user' } },
    { type: 'session', data: { id: child, title: ' T ', parentID: parent } },
  ];
  expect(await ask('POST', `/api/session/${child}/ingest?v=1`, { data })).toEqual(done);
  const snapshot = {
    status: 200,
    body: {
      info: { id: child, title: ' T ', parentID: parent },
      messages: [
        {
          info: { id: 'm1', role: 'user' },
          parts: [{ id: 'p1', messageID: 'm1', text: 'Hello' }],
        },
      ],
    },
  };
  expect(await ask('GET', `/api/session/${child}/export`)).toEqual(snapshot);

  const shared = await ask('POST', `/api/session/${child}/share`);
  const { public_id: publicId } = z.object({ public_id: z.string() }).parse(shared.body);
  expect(await ask('POST', `/api/session/${child}/share`)).toEqual(shared);
  expect(await ask('GET', `/session/${publicId}`)).toEqual(snapshot);
  expect(await ask('POST', `/api/session/${child}/unshare`)).toEqual(done);
  expect(await ask('GET', `/session/${publicId}`)).toEqual(gone);

  expect(await ask('DELETE', `/api/session/${parent}`)).toEqual(done);
  expect(await ask('DELETE', `/api/session/${parent}`)).toEqual(gone);
  expect(await ask('GET', `/api/session/${child}/export`)).toEqual(gone);
  expect(await ask('POST', `/api/session/${child}/ingest`, { data })).toEqual(gone);
});

test('a session of somebody else is not there', async () => {
  const [owner, other] = [await newcomer(), await newcomer()];
  const session = await newSession(owner.ask);
  expect(await other.ask('GET', `/api/session/${session}/export`)).toEqual(gone);
  expect(await other.ask('DELETE', `/api/session/${session}`)).toEqual(gone);
  expect(await other.ask('POST', `/api/session/${session}/ingest`, { data: [] })).toEqual(gone);
  expect((await owner.ask('GET', `/api/session/${session}/export`)).status).toBe(200);
});

test('a parent that is itself or is not there is refused', async () => {
  const { ask } = await newcomer();
  const session = await newSession(ask);
  const child = (parentID: string) => ({ data: [{ type: 'session', data: { parentID } }] });
  const ingest = `/api/session/${session}/ingest`;
  const self = { success: false, error: 'parent_session_id_cannot_be_self' };
  expect(await ask('POST', ingest, child(session))).toEqual({ status: 400, body: self });
  const unknown = { success: false, error: 'parent_session_not_found' };
  const answer = await ask('POST', ingest, child(`ses_${'x'.repeat(26)}`));
  expect(answer).toEqual({ status: 404, body: unknown });
});

test('a blocked user and a revoked token are refused', async () => {
  const [blocked, revoked] = [await newcomer(), await newcomer()];
  await run(
    databaseUrl,
    `update kilocode_users set blocked_reason = 'x' where id = '${blocked.id}'`,
  );
  await run(
    databaseUrl,
    `update kilocode_users set api_token_pepper = 'x' where id = '${revoked.id}'`,
  );
  const sessionId = `ses_${'a'.repeat(26)}`;
  expect((await blocked.ask('POST', '/api/session', { sessionId })).status).toBe(403);
  expect((await revoked.ask('POST', '/api/session', { sessionId })).status).toBe(401);
});

test('a session that closes is reported once, also when its batches come again', async () => {
  const { ask } = await newcomer();
  const session = await newSession(ask);
  const data = [
    { type: 'session_open', data: {} },
    { type: 'message', data: { id: 'm1', role: 'user' } },
    { type: 'message', data: { id: 'm2', role: 'assistant', tokens: { input: 1.5 }, cost: -1 } },
    { type: 'session_close', data: { reason: 'completed' } },
  ];
  const ingest = () => ask('POST', `/api/session/${session}/ingest?v=1`, { data });
  const reports = () => lines.filter((line) => line.includes(`"sessionId":"${session}"`));
  await ingest();
  await expect.poll(reports, { timeout: 15_000 }).toHaveLength(1);
  expect(reports()[0]).toContain('"terminationReason":"completed"');
  await ingest();
  await sleep(7_000);
  expect(reports()).toHaveLength(1);
});

test('another worker makes, exports and deletes a session by RPC', async () => {
  const { id: kiloUserId, ask } = await newcomer();
  const sessionId = `ses_${randomUUID().replaceAll('-', '').slice(0, 26)}`;
  const named = { sessionId, kiloUserId };
  const exported = () => ask('POST', '/rpc/exportSession', named);
  expect((await exported()).body).toBeNull();
  await ask('POST', '/rpc/createSessionForCloudAgent', {
    ...named,
    cloudAgentSessionId: randomUUID(),
    createdOnPlatform: 'cloud-agent',
  });
  expect((await exported()).body).toBe('{"info":{},"messages":[]}');
  await ask('POST', '/rpc/deleteSessionForCloudAgent', named);
  await ask('POST', '/rpc/deleteSessionForCloudAgent', named);
  expect((await exported()).body).toBeNull();
});

/** The caches of two objects, and what is being read: not the sessions, which are 110 MB together in the long run. */
const GROWTH_BYTES_MAX = 180 * 1024 * 1024;
/** `npm run proof` makes a session of 50 MB. */
const BATCHES = process.env['PROOF_RUNS'] === undefined ? 60 : 500;

test('many batches, shuffled and repeated, make the session that they make in order', async () => {
  const { ask } = await newcomer();
  const text = 'x'.repeat(100_000);
  const batches = Array.from({ length: BATCHES }, (_, index) => {
    const id = `m${String(index).padStart(3, '0')}`;
    return [
      { type: 'message', data: { id } },
      { type: 'part', data: { id: 'p', messageID: id, text } },
    ];
  });
  const snapshotOf = async (order: readonly (typeof batches)[number][]) => {
    const session = await newSession(ask);
    for (const data of order) await ask('POST', `/api/session/${session}/ingest?v=1`, { data });
    return ask('GET', `/api/session/${session}/export`);
  };
  const mixed = batches.flatMap((_, index) => {
    const batch = batches[(index * 17) % batches.length] ?? [];
    return index % 3 === 0 ? [batch, batch] : [batch];
  });
  const before = residentBytes();
  expect(await snapshotOf(mixed)).toEqual(await snapshotOf(batches));
  expect(residentBytes() - before).toBeLessThan(GROWTH_BYTES_MAX);
});

function residentBytes(): number {
  const status = `/proc/${workerd.pid}/status`;
  // Only Linux tells it so.
  if (!existsSync(status)) return 0;
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(status, 'utf8'))?.[1]) * 1024;
}

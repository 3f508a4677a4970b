import { root } from '@gateway/local/root';
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { type Usage, usageOf, usedBy } from '@gateway/db/inspect';
import { prepareDatabase } from '@gateway/db/migrate';
import { plant } from '@gateway/db/seed';
import { createTestDatabase } from '@gateway/db/test-database';
import { type Simulator, startSimulator } from '@gateway/local/simulator';
import { UserId } from '@gateway/worker-utils/ids';
import { signKiloToken } from '@gateway/worker-utils/kilo-token';
import { Instant } from '@gateway/worker-utils/time';
import { afterAll, afterEach, beforeAll, expect, inject, test } from 'vitest';
import { eventually, isRunning, newFolder, pidsIn, remove } from '../../support/launcher.ts';

// `npm run serve` as an operator runs it.

const TOKEN_SECRET = randomUUID();

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator();
});
afterAll(() => simulator.close());

const folders: string[] = [];
const launched: Served[] = [];
afterEach(async () => {
  for (const { process: bootstrap, exited } of launched.splice(0)) {
    bootstrap.kill('SIGTERM');
    await exited;
  }
  folders.splice(0).forEach(remove);
});

type Served = {
  readonly process: ChildProcess;
  readonly folder: string;
  readonly output: () => string;
  readonly exited: Promise<number | null>;
};

function serve(environment: Readonly<Record<string, string>>, folder = newFolder()): Served {
  folders.push(folder);
  const child = spawn(process.execPath, [join(root, 'scripts', 'run.mjs'), 'serve'], {
    env: { PATH: process.env['PATH'], PORT: '0', STATE_DIRECTORY: folder, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data: Buffer) => {
      output += data.toString();
    });
  }
  const exited = new Promise<number | null>((resolve) => {
    child.once('exit', (code) => resolve(code));
  });
  const served = { process: child, folder, output: () => output, exited };
  launched.push(served);
  return served;
}

/** Where the gateway listens, once it does. */
async function urlOf(served: Served): Promise<string> {
  const port = () =>
    /Serving on .*"llm-gateway":(?<port>\d+)/.exec(served.output())?.groups?.['port'];
  await eventually(() => port() !== undefined || served.process.exitCode !== null, served.output());
  if (port() === undefined) throw new Error(served.output());
  return `http://127.0.0.1:${port()}`;
}

/** A database that holds one payer, as the application beside the gateway would have made it. */
async function payerIn(databaseUrl: string) {
  await prepareDatabase(databaseUrl);
  const id = randomUUID();
  await plant(databaseUrl, {
    kilocode_users: [
      {
        id,
        google_user_email: `${id}@example.com`,
        google_user_name: 'Payer',
        google_user_image_url: '',
        stripe_customer_id: '',
        api_token_pepper: null,
        total_microdollars_acquired: 10_000_000,
      },
    ],
  });
  const claims = { kiloUserId: UserId.parse(id), apiTokenPepper: null, env: 'production' };
  const now = Instant.parse(Date.now());
  return { id, token: await signKiloToken(claims, TOKEN_SECRET, { now, expiresInSeconds: 3600 }) };
}

const settings = (databaseUrl: string) => ({
  // Nothing is settled because somebody was not heard of for long.
  LEDGER_LEASE_SECONDS: '3600',
  DATABASE_URL: databaseUrl,
  NEXTAUTH_SECRET_PROD: TOKEN_SECRET,
  OPENROUTER_BASE_URL: simulator.url,
});

const ask = (url: string, token: string, model: string, headers = {}) =>
  fetch(`${url}/api/openrouter/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, ...headers },
    body: JSON.stringify({ model, stream: true, messages: [{ role: 'user', content: 'Hello!' }] }),
  });

test.each([
  ['a stream', {}],
  ['a stream under a key', { 'idempotency-key': 'a-key' }],
])('%s that runs when SIGTERM comes ends whole, and is settled', async (_name, headers) => {
  const databaseUrl = await createTestDatabase(inject('postgresUrl'));
  const { id, token } = await payerIn(databaseUrl);
  const served = serve(settings(databaseUrl));
  const url = await urlOf(served);

  const response = await ask(url, token, 'sim/answer~tokens=60~delay=50', headers);
  expect(response.status).toBe(200);
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let answer = (await reader?.read())?.value ?? '';
  const pids = Object.values(pidsIn(served.folder));
  served.process.kill('SIGTERM');
  await eventually(() => served.output().includes('Stopping'), 'the stop');
  for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
    answer += part.value;
  }
  expect(answer).toContain('[DONE]');
  expect(answer).not.toContain('"error"');

  expect(await served.exited).toBe(0);
  expect(pids.filter(isRunning)).toEqual([]);
  // What Postgres was too slow to take is written when it serves again.
  if ((await usageOf(databaseUrl, id)).length === 0) {
    await urlOf(serve(settings(databaseUrl), served.folder));
    await eventually(async () => (await usageOf(databaseUrl, id)).length === 1, 'a row');
  }
  const rows: readonly Usage[] = await usageOf(databaseUrl, id);
  expect(rows).toMatchObject([{ output_tokens: 60, has_error: false, cancelled: false }]);
  expect(rows[0]?.cost).toBeGreaterThan(0);
  expect(await usedBy(databaseUrl, id)).toBe(rows[0]?.cost);
});

test('nobody is made up, and what is not given is not there', async () => {
  const databaseUrl = await createTestDatabase(inject('postgresUrl'));
  const { id, token } = await payerIn(databaseUrl);
  const served = serve(settings(databaseUrl));
  const url = await urlOf(served);
  const response = await ask(url, token, 'sim/answer');
  expect(await response.text()).toContain('[DONE]');
  const admin = await fetch(`${url}/admin/ledgers`, { headers: { authorization: 'Bearer ' } });
  expect(admin.status).toBe(404);
  expect(await usedBy(databaseUrl, '0a11ce00-0000-4000-8000-000000000001')).toBeNull();
  await eventually(async () => (await usageOf(databaseUrl, id)).length === 1, 'a row');
});

test('a header that a client sends does not tell where it is', async () => {
  const databaseUrl = await createTestDatabase(inject('postgresUrl'));
  const { id, token } = await payerIn(databaseUrl);
  const url = await urlOf(serve(settings(databaseUrl)));
  const response = await fetch(`${url}/api/openrouter/chat/completions`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'x-forwarded-for': '203.0.113.7',
      'cf-connecting-ip': '203.0.113.7',
    },
    body: JSON.stringify({ model: 'sim/answer', messages: [{ role: 'user', content: 'Hello!' }] }),
  });
  await response.text();
  await eventually(async () => (await usageOf(databaseUrl, id)).length === 1, 'a row');
  expect(await usageOf(databaseUrl, id)).toMatchObject([{ http_x_forwarded_for: '127.0.0.1' }]);
});

test.each([
  ['NEXTAUTH_SECRET_PROD', {}],
  ['NEXTAUTH_SECRET_PROD', { NEXTAUTH_SECRET_PROD: '' }],
  ['NEXTAUTH_SECRET_PROD', { NEXTAUTH_SECRET_PROD: 'none' }],
  ['NEXTAUTH_SECRET_PROD', { NEXTAUTH_SECRET_PROD: 'fifteen bytes..' }],
  ['NEXTAUTH_SECRET_PREVIOUS', { NEXTAUTH_SECRET_PREVIOUS: 'old' }],
  ['ANONYMOUS_ID_SECRET', { ANONYMOUS_ID_SECRET: 'none' }],
  ['BYOK_ENCRYPTION_KEY', { BYOK_ENCRYPTION_KEY: 'none' }],
  ['OPENROUTER_API_KEY', { OPENROUTER_API_KEY: 'none' }],
  ['GATEWAY_ADMIN_TOKEN', { GATEWAY_ADMIN_TOKEN: 'admin' }],
  ['O11Y_KILO_GATEWAY_CLIENT_SECRET', { O11Y_KILO_GATEWAY_CLIENT_SECRET: 'admin' }],
])('does not start without a fit %s: %j', async (name, given) => {
  const databaseUrl = await createTestDatabase(inject('postgresUrl'));
  const strong = name === 'NEXTAUTH_SECRET_PROD' ? {} : { NEXTAUTH_SECRET_PROD: TOKEN_SECRET };
  const served = serve({ DATABASE_URL: databaseUrl, ...strong, ...given });
  expect(await served.exited).toBe(1);
  expect(served.output()).toContain(name);
});

test('an operator sees that a required secret is absent, where it may be on one machine', async () => {
  const databaseUrl = await createTestDatabase(inject('postgresUrl'));
  const admin = randomUUID();
  const url = await urlOf(serve({ ...settings(databaseUrl), GATEWAY_ADMIN_TOKEN: admin }));
  const headers = { authorization: `Bearer ${admin}` };
  const response = await fetch(`${url}/health?deep`, { headers });
  expect(response.status).toBe(503);
  expect(await response.text()).toContain('{"name":"secrets","ok":false');
});

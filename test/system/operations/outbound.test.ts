import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { playable } from '@gateway/local/workerd/worker-config';
import { startWorkerd, type Workerd } from '@gateway/local/workerd/workerd';
import { workerdConfig } from '@gateway/local/workerd/workerd-config';
import { afterAll, beforeAll, expect, test } from 'vitest';

// What a worker reaches of this machine, where an operator has configured one program of it.

const MODULE = `export default {
  async fetch(request) {
    const url = new URL(request.url).searchParams.get('url');
    try {
      return await fetch(url, { method: 'POST', body: request.body, redirect: 'manual' });
    } catch (cause) {
      return new Response(String(cause), { status: 502 });
    }
  },
};`;
const empty = {
  compatibility_date: '2026-11-01',
  compatibility_flags: [],
  vars: {},
  hyperdrive: [],
  secrets_store_secrets: [],
  durable_objects: { bindings: [] },
  migrations: [],
  kv_namespaces: [],
  analytics_engine_datasets: [],
  pipelines: [],
  triggers: {},
};

const folder = mkdtempSync(join(tmpdir(), 'outbound-test-'));
const servers: Server[] = [];
let [configured, other]: readonly string[] = [];
let workerd: Workerd;

/** A program of this machine, which repeats what it is told. */
async function program(): Promise<string> {
  const server = createServer((request, response) => void request.pipe(response));
  servers.push(server);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (typeof address === 'string' || address === null) throw new Error('no port');
  return `http://127.0.0.1:${address.port}`;
}

beforeAll(async () => {
  [configured, other] = [await program(), await program()];
  mkdirSync(join(folder, 'objects', 'blobs'), { recursive: true });
  writeFileSync(join(folder, 'index.js'), MODULE);
  const config = join(folder, 'workerd.capnp');
  writeFileSync(
    config,
    workerdConfig({
      services: [{ name: 'asking', module: 'index.js', config: playable(empty) }],
      vars: {},
      database: new URL('postgres://u:p@127.0.0.1/d'),
      storageFolder: join(folder, 'objects'),
      network: ['127.0.0.1/32', 'public'],
      configuredOrigins: [configured ?? ''],
    }),
  );
  workerd = await startWorkerd({
    config,
    ports: { asking: 0 },
    logFile: join(folder, 'workers.log'),
    secrets: {},
    onLine: () => undefined,
  });
});
afterAll(async () => {
  await workerd.stop();
  for (const server of servers) server.close();
  rmSync(folder, { recursive: true, force: true });
});

const told = async (url: string) => {
  const asked = `${workerd.urlOf('asking')}/?url=${encodeURIComponent(url)}`;
  const response = await fetch(asked, { method: 'POST', body: 'Hello!' });
  return { status: response.status, text: await response.text() };
};

test('the program that is configured is reached, under any path', async () => {
  expect(await told(`${configured}/v1/chat`)).toEqual({ status: 200, text: 'Hello!' });
});

test('another port of the same address is not, by whatever name', async () => {
  expect(await told(`${other}/`)).toMatchObject({ status: 502 });
  expect(await told((other ?? '').replace('127.0.0.1', 'localhost'))).toMatchObject({
    status: 502,
  });
});

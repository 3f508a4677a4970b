import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { usageOf } from '@gateway/db/inspect';
import { prepareDatabase } from '@gateway/db/migrate';
import { createTestDatabase, run } from '@gateway/db/test-database';
import type { Running } from '@gateway/local/stack/running';
import { afterEach, describe, expect, inject, test } from 'vitest';
import {
  eventually,
  isRunning,
  launch,
  type Launched,
  newFolder,
  pidsIn,
  remove,
  stop,
} from '../../support/launcher.ts';

const ALICE = '0a11ce00-0000-4000-8000-000000000001';
const started: Launched[] = [];
afterEach(async () => {
  for (const launched of started.splice(0)) {
    if (launched.bootstrap.exitCode === null) await stop(launched);
    remove(launched.folder);
  }
});

async function begin(folder: string, environment: Readonly<Record<string, string>> = {}) {
  const launched = launch(folder, environment);
  started.push(launched);
  const running = await launched.ready();
  if (!running) throw new Error(launched.output());
  return { launched, running };
}

const chat = ({ url, tokens }: Running, model: string) =>
  fetch(`${url}/api/openrouter/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${tokens['alice']}` },
    body: JSON.stringify({ model, stream: true, messages: [{ role: 'user', content: 'Hello!' }] }),
  });
async function answered(running: Running): Promise<void> {
  const response = await chat(running, 'anthropic/claude-sonnet-4.6');
  expect(response.status).toBe(200);
  expect(await response.text()).toContain('[DONE]');
}
const rowsOfAlice = async ({ databaseUrl }: Running) => (await usageOf(databaseUrl, ALICE)).length;

describe('npm start', () => {
  test('starts from an empty folder, and Ctrl-C ends everything that it has started', async () => {
    const { launched, running } = await begin(newFolder());
    await answered(running);
    const pids = Object.values(pidsIn(launched.folder));
    expect(pids.filter(isRunning)).toHaveLength(3);
    await stop(launched);
    await eventually(() => pids.every((pid) => !isRunning(pid)), 'the end of all processes');
    expect(pidsIn(launched.folder)).toEqual({});
  });

  test('nobody but its owner can read what it writes', async () => {
    const { launched, running } = await begin(newFolder());
    await answered(running);
    const files = readdirSync(launched.folder, { recursive: true, encoding: 'utf8' });
    const expected = ['running.json', 'secrets.json', 'logs/workers.log', 'postgres/data'];
    expect(expected.filter((file) => !files.includes(file))).toEqual([]);
    expect(files.filter((file) => file.endsWith('.sqlite')).length).toBeGreaterThan(0);
    const isOpen = (file: string) =>
      ((statSync(join(launched.folder, file), { throwIfNoEntry: false })?.mode ?? 0) & 0o077) !== 0;
    expect(files.filter(isOpen)).toEqual([]);
    expect(statSync(launched.folder).mode & 0o066).toBe(0);
  });

  test('every worker answers at its own address, and the admin token of this stack opens o11y', async () => {
    const { running } = await begin(newFolder());
    const ask = async (url: string, token: string) => {
      const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
      await response.text();
      return response.status;
    };
    const { url, o11yUrl, sessionIngestUrl, adminTokens, tokens } = running;
    expect(new Set([url, o11yUrl, sessionIngestUrl]).size).toBe(3);
    expect(await ask(`${o11yUrl}/metrics`, adminTokens.o11y)).toBe(200);
    expect(await ask(`${o11yUrl}/metrics`, adminTokens.gateway)).toBe(401);
    const session = `${sessionIngestUrl}/api/session/ses_${'x'.repeat(26)}/export`;
    expect(await ask(session, tokens['alice'] ?? '')).toBe(404);
    expect(await ask(session, adminTokens.o11y)).toBe(401);
  });

  test('two stacks run side by side', async () => {
    const [one, two] = await Promise.all([begin(newFolder()), begin(newFolder())]);
    expect(one.running.url).not.toBe(two.running.url);
    await Promise.all([answered(one.running), answered(two.running)]);
  });

  test('a second stack in the same folder is refused, and the first goes on', async () => {
    const { launched, running } = await begin(newFolder());
    const second = launch(launched.folder);
    expect(await second.exited).toBe(1);
    expect(second.output()).toContain('already running');
    await answered(running);
  });

  test('with a key of the provider, it talks to the provider itself', async () => {
    const { launched, running } = await begin(newFolder(), { OPENROUTER_API_KEY: 'sk-or-test' });
    expect(running.simulatorUrl).toBeNull();
    expect(launched.output()).toContain('openrouter: https://openrouter.ai/api/v1');
    expect(launched.output()).not.toContain('sk-or-test');
  });
});

describe('nothing is left behind', () => {
  const ended = (pids: readonly number[]) =>
    eventually(() => pids.every((pid) => !isRunning(pid)), 'the end of all processes');

  test('by a launcher that is killed outright: the stack notices, and ends in order', async () => {
    const { launched } = await begin(newFolder());
    const pids = Object.values(pidsIn(launched.folder));
    launched.bootstrap.kill('SIGKILL');
    await ended(pids);
    expect(pidsIn(launched.folder)).toEqual({});
  });

  test('by a stack that is killed outright: what it has started ends by itself', async () => {
    const { launched } = await begin(newFolder());
    const pids = pidsIn(launched.folder);
    process.kill(pids['stack'] ?? 0, 'SIGKILL');
    await ended(Object.values(pids));
  });

  test('by a Ctrl-C while it starts', async () => {
    const launched = launch(newFolder());
    started.push(launched);
    await eventually(() => 'postgres' in pidsIn(launched.folder), 'a Postgres');
    const pids = Object.values(pidsIn(launched.folder));
    await stop(launched);
    await ended(pids);
    expect(launched.output()).not.toContain('is ready');
    expect(pidsIn(launched.folder)).toEqual({});
  });
});

test('Postgres and the simulator keep their ports over a restart', async () => {
  const folder = newFolder();
  const first = await begin(folder);
  await stop(first.launched);
  const second = await begin(folder);
  expect(second.running.databaseUrl).toBe(first.running.databaseUrl);
  expect(second.running.simulatorUrl).toBe(first.running.simulatorUrl);
});

test('a port that is in use is named', async () => {
  const { running } = await begin(newFolder());
  const { port } = new URL(running.url);
  const launched = launch(newFolder(), { PORT: port });
  expect(await launched.exited).toBe(1);
  expect(launched.output()).toContain(`Port ${port} is in use`);
  expect(pidsIn(launched.folder)).toEqual({});
  remove(launched.folder);
});

test.each(['none', 'fifteen bytes..'])(
  'npm start refuses %j as the secret of tokens',
  async (weak) => {
    const launched = launch(newFolder(), { NEXTAUTH_SECRET_PROD: weak });
    expect(await launched.exited).toBe(1);
    expect(launched.output()).toContain('NEXTAUTH_SECRET_PROD');
    expect(pidsIn(launched.folder)).toEqual({});
    remove(launched.folder);
  },
);

describe.each([
  ['the launcher', ['stack']],
  ['workerd', ['workerd']],
  ['Postgres', ['postgres']],
  ['all of them', ['stack', 'workerd', 'postgres']],
])('kill -9 of %s in the middle of a stream', (_name, victims) => {
  test('is survived: the next start comes up, nothing old is left, earlier rows are there', async () => {
    const folder = newFolder();
    const first = await begin(folder);
    await answered(first.running);
    await eventually(async () => (await rowsOfAlice(first.running)) === 1, 'a row');

    const streaming = await chat(first.running, 'sim/answer~tokens=400~delay=10');
    await streaming.body?.getReader().read();
    const old = pidsIn(folder);
    for (const name of victims) process.kill(old[name] ?? 0, 'SIGKILL');
    if (!victims.includes('stack')) await stop(first.launched);
    await first.launched.exited;

    const second = await begin(folder);
    expect(Object.values(old).filter(isRunning)).toEqual([]);
    expect(await rowsOfAlice(second.running)).toBeGreaterThanOrEqual(1);
    await answered(second.running);
  });
});

test('when workerd or Postgres dies, the running stack starts it again', async () => {
  const folder = newFolder();
  const { running } = await begin(folder);
  for (const name of ['workerd', 'postgres']) {
    const old = pidsIn(folder)[name] ?? 0;
    process.kill(old, 'SIGKILL');
    await eventually(() => (pidsIn(folder)[name] ?? old) !== old, `a new ${name}`);
    await eventually(async () => {
      const response = await chat(running, 'anthropic/claude-sonnet-4.6').catch(() => null);
      return response?.status === 200;
    }, 'an answer');
  }
});

describe('DATABASE_URL', () => {
  test('an empty database is prepared', async () => {
    const databaseUrl = await createTestDatabase(inject('postgresUrl'));
    const { running } = await begin(newFolder(), { DATABASE_URL: databaseUrl });
    expect(running.databaseUrl).toBe(databaseUrl);
    await answered(running);
    await eventually(async () => (await rowsOfAlice(running)) === 1, 'a row');
  });

  test('one that holds the tables is taken as it is', async () => {
    const databaseUrl = await createTestDatabase(inject('postgresUrl'));
    await prepareDatabase(databaseUrl);
    await run(databaseUrl, 'drop schema gateway cascade');
    const { running } = await begin(newFolder(), { DATABASE_URL: databaseUrl });
    await answered(running);
  });

  test('one that lacks a column is refused with a list, and nothing is started', async () => {
    const databaseUrl = await createTestDatabase(inject('postgresUrl'));
    await prepareDatabase(databaseUrl);
    await run(
      databaseUrl,
      'drop schema gateway cascade; alter table kilocode_users drop column api_token_pepper',
    );
    const launched = launch(newFolder(), { DATABASE_URL: databaseUrl });
    expect(await launched.exited).toBe(1);
    expect(launched.output()).toContain('- kilocode_users.api_token_pepper is missing');
    expect(pidsIn(launched.folder)).toEqual({});
    remove(launched.folder);
  });

  test('one on another machine is left alone unless somebody says so', async () => {
    const launched = launch(newFolder(), { DATABASE_URL: 'postgres://u:p@db.example.com/x' });
    expect(await launched.exited).toBe(1);
    expect(launched.output()).toContain('MIGRATE=yes');
    remove(launched.folder);
  });
});

import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepareDatabase } from '@gateway/db/migrate';
import { asRole, createTestDatabase } from '@gateway/db/test-database';
import { readWorkerConfig } from '@gateway/local/workerd/worker-config';
import { startWorkerd, type Workerd } from '@gateway/local/workerd/workerd';
import { workerdConfig } from '@gateway/local/workerd/workerd-config';
import { bundle, configOf } from '@gateway/local/workerd/workers';
import { SessionMetrics } from '@gateway/worker-utils/session-metrics';
import { expect, inject } from 'vitest';
import { newcomer, TOKEN_SECRET } from './newcomer.ts';

export const ADMIN_TOKEN = randomUUID();
const REPORTED = 'reported to o11y: ';

/** session-ingest on workerd with real objects and real Postgres. Another worker stands for o11y, and says what it is told. */
export type SessionWorld = {
  readonly databaseUrl: string;
  /** What o11y has taken of a session, one for each report. */
  readonly reportsOf: (session: string) => readonly SessionMetrics[];
  /** How often the worker has said that o11y did not take a report. */
  readonly reportsFailed: () => number;
  readonly letO11y: (be: 'away' | 'back') => Promise<void>;
  readonly newcomer: () => Promise<Newcomer>;
  /** Asks with this header, or without one. */
  readonly askWith: (authorization: string | null) => Ask;
  /** What the worker has logged with this text. */
  readonly linesWith: (text: string) => readonly string[];
  readonly residentBytes: () => number;
  /** The most that it ever was. */
  readonly peakResidentBytes: () => number;
  readonly urlOf: (path: string) => string;
  /** Ends workerd and starts it anew, with the objects that it has stored. */
  readonly restart: () => Promise<void>;
  readonly stop: () => Promise<void>;
};
export type Ask = (method: string, path: string, body?: unknown) => Promise<Answer>;
type Answer = { readonly status: number; readonly body: unknown };
type Newcomer = {
  readonly id: string;
  readonly token: string;
  readonly pepper: string;
  readonly ask: Ask;
};

export async function startSessionWorld(
  vars: Readonly<Record<string, string>> = {},
): Promise<SessionWorld> {
  const folder = mkdtempSync(join(tmpdir(), 'session-ingest-test-'));
  const lines: string[] = [];
  const databaseUrl = await createTestDatabase(inject('postgresUrl'));
  await prepareDatabase(databaseUrl);
  const config = await written(
    folder,
    { ENVIRONMENT: 'development', ...vars },
    await asRole('session_ingest', databaseUrl),
  );
  const start = (): Promise<Workerd> =>
    startWorkerd({
      config,
      ports: { o11y: 0, 'session-ingest': 0 },
      logFile: join(folder, 'workers.log'),
      secrets: { NEXTAUTH_SECRET_PROD: TOKEN_SECRET, GATEWAY_ADMIN_TOKEN: ADMIN_TOKEN },
      onLine: (line) => lines.push(line),
    });
  let workerd = await start();
  const urlOf = (path: string) => `${workerd.urlOf('o11y')}${path}`;
  const linesWith = (text: string) => lines.filter((line) => line.includes(text));
  const askWith =
    (authorization: string | null): Ask =>
    async (method, path, body) => {
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      const response = await fetch(urlOf(path), {
        method,
        ...(authorization !== null && { headers: { authorization } }),
        ...(body !== undefined && { body: text }),
      });
      const json: unknown = await response.json();
      return { status: response.status, body: json };
    };
  return {
    databaseUrl,
    reportsOf: (session) =>
      linesWith(`${REPORTED}{`)
        .map((line) => SessionMetrics.parse(JSON.parse(line.slice(line.indexOf('{')))))
        .filter(({ sessionId }) => sessionId === session),
    reportsFailed: () => linesWith('session metrics not reported').length,
    letO11y: async (be) => void (await fetch(urlOf(`/o11y/${be}`))),
    async newcomer() {
      const { id, token, pepper } = await newcomer(databaseUrl, 0);
      return { id, token, pepper, ask: askWith(`Bearer ${token}`) };
    },
    askWith,
    linesWith,
    residentBytes: () => statusBytes(workerd.pid, 'VmRSS'),
    peakResidentBytes: () => statusBytes(workerd.pid, 'VmHWM'),
    urlOf,
    async restart() {
      await workerd.stop();
      workerd = await start();
    },
    async stop() {
      await workerd.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export async function newSession(ask: Ask): Promise<string> {
  const sessionId = `ses_${randomUUID().replaceAll('-', '').slice(0, 26)}`;
  const ingestPath = `/api/session/${sessionId}/ingest`;
  const made = { status: 200, body: { id: sessionId, ingestPath } };
  expect(await ask('POST', '/api/session', { sessionId })).toEqual(made);
  return sessionId;
}

export const done = { status: 200, body: { success: true } };
export const gone = { status: 404, body: { success: false, error: 'session_not_found' } };

/** Writes workerd's configuration, and all that it names. */
async function written(
  folder: string,
  vars: Readonly<Record<string, string>>,
  databaseUrl: string,
): Promise<string> {
  await bundle('session-ingest', join(folder, 'bundle'));
  const storageFolder = join(folder, 'objects');
  mkdirSync(join(storageFolder, 'blobs'), { recursive: true });
  const config = configOf('session-ingest');
  const text = workerdConfig({
    services: [standIn(folder), { name: 'session-ingest', module: 'bundle/index.js', config }],
    vars,
    database: new URL(databaseUrl),
    storageFolder,
    network: [],
  });
  const file = join(folder, 'workerd.capnp');
  writeFileSync(file, text);
  return file;
}

/** Stands for o11y, and for the worker that calls by RPC: all other requests are passed on to the real worker. */
function standIn(folder: string) {
  writeFileSync(
    join(folder, 'o11y.js'),
    `import { WorkerEntrypoint } from 'cloudflare:workers';
let isAway = false;
export default class extends WorkerEntrypoint {
  ingestSessionMetrics(metrics) {
    if (isAway) throw new Error('away');
    console.log('${REPORTED}' + JSON.stringify(metrics));
  }
  async fetch(request) {
    const [, realm, name] = new URL(request.url).pathname.split('/');
    if (realm === 'rpc') return Response.json((await this.env.RPC[name](await request.json())) ?? null);
    if (realm !== 'o11y') return this.env.HTTP.fetch(request);
    isAway = name === 'away';
    return new Response();
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

function statusBytes(pid: number, name: 'VmRSS' | 'VmHWM'): number {
  const status = `/proc/${pid}/status`;
  // Only Linux tells it so.
  if (!existsSync(status)) return 0;
  return Number(new RegExp(`${name}:\\s+(\\d+)`).exec(readFileSync(status, 'utf8'))?.[1]) * 1024;
}

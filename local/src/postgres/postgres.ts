import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from '@gateway/db';
import { z } from 'zod';
import { endProcess } from '../stack/end-process.ts';
import { freePort } from '../stack/free-port.ts';
import { keepPort, lastPort } from '../stack/last-port.ts';
import { tieToUs } from '../stack/lifeline.ts';
import { commandOf } from '../stack/processes.ts';
import { type Binaries, identity, own, usableBinaries, usableFolder } from './postgres-files.ts';

export type PostgresOptions = {
  /** Holds the data and the log. Made where it does not exist. */
  readonly folder: string;
  readonly password: string;
  /** Nothing but this one: who knows the server knows it there. Without it, the port of the last run if it is free. */
  readonly port?: number;
  /** Without it, a crash of the machine may lose data: for tests. */
  readonly isDurable: boolean;
  /** Hears of the process before anything else can happen to it. */
  readonly onSpawn?: (pid: number) => void;
};

export type Postgres = {
  readonly process: ChildProcess;
  readonly pid: number;
  readonly port: number;
  readonly urlOf: (database: string) => string;
  /** Does nothing where it exists. */
  readonly createDatabase: (name: string) => Promise<void>;
  readonly stop: () => Promise<void>;
};

/** How long a server may recover from a crash. */
const READY_MS_MAX = 120_000;
/** After a kill -9, the processes of the old server need a moment to notice and to let go of its memory. */
const RETRY_MS_MAX = 15_000;
const STOP_MS_MAX = 20_000;
const LOG_BYTES_MAX = 20 * 1024 * 1024;

/** Starts the embedded Postgres, detached: it ends when it is told to, not when a terminal sends Ctrl-C. */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const binaries = await usableBinaries();
  const folder = usableFolder(options.folder);
  const data = join(folder, 'data');
  if (!existsSync(data)) initialise(binaries, folder, options);
  forgetStalePid(data);

  const deadline = performance.now() + RETRY_MS_MAX;
  for (;;) {
    const port = options.port ?? (await freePort(lastPort(folder)));
    const urlOf = (database: string) =>
      `postgres://postgres:${encodeURIComponent(options.password)}@127.0.0.1:${port}/${database}`;
    const server = launch(binaries, { folder, data, port }, options.isDurable);
    const { pid } = server;
    if (pid === undefined) throw new Error(`Postgres could not be started: ${binaries.postgres}`);
    options.onSpawn?.(pid);
    const stop = () => endProcess(server, ['SIGINT', 'SIGQUIT', 'SIGKILL'], STOP_MS_MAX);
    if (await isReady(server, urlOf('postgres'), stop)) {
      keepPort(folder, port);
      const createDatabase = (name: string) => ensureDatabase(urlOf('postgres'), name);
      return { process: server, pid, port, urlOf, createDatabase, stop };
    }
    if (performance.now() > deadline) {
      throw new Error(`Postgres did not start:\n${tailOf(logIn(folder))}`);
    }
    await sleep(250);
  }
}

const logIn = (folder: string): string => join(folder, 'postgres.log');

/** Makes the data whole or not at all: what an interrupted `initdb` leaves looks like a database, and is none. */
function initialise(binaries: Binaries, folder: string, options: PostgresOptions): void {
  const draft = join(folder, 'data.draft');
  const passwordFile = join(folder, 'password');
  rmSync(draft, { recursive: true, force: true });
  writeFileSync(passwordFile, options.password, { mode: 0o600 });
  own(passwordFile);
  const done = spawnSync(
    binaries.initdb,
    [
      ['--pgdata', draft],
      ['--username', 'postgres'],
      ['--pwfile', passwordFile],
      ['--auth', 'scram-sha-256'],
      ['--encoding', 'UTF8'],
      '--locale=C',
      options.isDurable ? [] : '--no-sync',
    ].flat(),
    { ...identity, cwd: folder, encoding: 'utf8', env: { LC_ALL: 'C' } },
  );
  rmSync(passwordFile);
  if (done.status !== 0) throw new Error(`initdb failed: ${done.stderr}`);
  renameSync(draft, join(folder, 'data'));
}

/**
 * After a crash, the pid of the old server may by now be that of any program, and Postgres would refuse to start beside it.
 * Whether another server really uses the data is checked by Postgres itself too, by its shared memory.
 */
function forgetStalePid(data: string): void {
  const file = join(data, 'postmaster.pid');
  if (!existsSync(file)) return;
  const pid = Number(readFileSync(file, 'utf8').split('\n', 1)[0]);
  if (!commandOf(pid).includes(data)) rmSync(file);
}

type Place = { readonly folder: string; readonly data: string; readonly port: number };

function launch({ postgres }: Binaries, place: Place, isDurable: boolean): ChildProcess {
  const file = logIn(place.folder);
  if (existsSync(file) && statSync(file).size > LOG_BYTES_MAX) renameSync(file, `${file}.old`);
  const log = openSync(file, 'a', 0o600);
  const settings = [
    'unix_socket_directories=',
    'listen_addresses=127.0.0.1',
    'max_connections=200',
    ...(isDurable ? [] : ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off']),
  ];
  const server = spawn(
    postgres,
    ['-D', place.data, '-p', String(place.port), ...settings.flatMap((setting) => ['-c', setting])],
    {
      ...identity,
      cwd: place.folder,
      detached: true,
      stdio: ['ignore', log, log],
      env: { LC_ALL: 'C', TZ: 'UTC' },
    },
  );
  closeSync(log);
  tieToUs(server, 'INT');
  return server;
}

/** SQLSTATE of a wrong password: waiting does not help. */
const WRONG_PASSWORD = '28P01';
const ServerError = z.object({ code: z.string() });

/** False as soon as the server has given up. */
async function isReady(
  server: ChildProcess,
  url: string,
  stop: () => Promise<void>,
): Promise<boolean> {
  const deadline = performance.now() + READY_MS_MAX;
  while (server.exitCode === null && server.signalCode === null && performance.now() < deadline) {
    try {
      await (await connect(url)).close();
      return true;
    } catch (cause) {
      if (ServerError.safeParse(cause).data?.code === WRONG_PASSWORD) {
        await stop();
        throw new Error(
          'The embedded Postgres was made with another password. Delete its data folder, or bring secrets.json back.',
          { cause },
        );
      }
      await sleep(50);
    }
  }
  await stop();
  return false;
}

async function ensureDatabase(adminUrl: string, name: string): Promise<void> {
  const admin = await connect(adminUrl);
  try {
    const text = 'select from pg_database where datname = $1';
    const found = await admin.rows({ text, values: [name] }, z.unknown());
    if (found.length === 0) {
      await admin.rows({ text: `create database "${name}"`, values: [] }, z.unknown());
    }
  } finally {
    await admin.close();
  }
}

function tailOf(file: string): string {
  const LINES = 15;
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(-LINES).join('\n') : '';
}

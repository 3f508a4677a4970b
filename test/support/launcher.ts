import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startTimeOf } from '@gateway/local/stack/processes';
import { type Running, announced } from '@gateway/local/stack/running';
import { parseJson } from '@gateway/worker-utils/json';
import { z } from 'zod';

// `npm start` as a person runs it, with a data folder of its own.

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
/** Only a guard against a test that would wait for ever. */
const WAIT_MS_MAX = 60_000;

export type Launched = {
  readonly folder: string;
  readonly bootstrap: ChildProcess;
  readonly output: () => string;
  /** Null where the start has failed. */
  readonly ready: () => Promise<Running | null>;
  readonly exited: Promise<number | null>;
};

export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'llm-gateway-start-'));
  // Where this runs as root, the unprivileged Postgres must find its data in there, not in a place of its own.
  chmodSync(folder, 0o711);
  return folder;
}
export const remove = (folder: string): void => rmSync(folder, { recursive: true, force: true });

export function launch(
  folder: string,
  environment: Readonly<Record<string, string>> = {},
): Launched {
  const bootstrap = spawn(process.execPath, [join(root, 'scripts', 'run.mjs'), 'start'], {
    env: { ...process.env, PORT: '0', LOCAL_DIRECTORY: folder, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [bootstrap.stdout, bootstrap.stderr]) {
    stream.on('data', (data: Buffer) => {
      output += data.toString();
    });
  }
  const exited = new Promise<number | null>((resolve) => {
    bootstrap.once('exit', (code) => resolve(code));
  });
  const ready = async () => {
    await eventually(() => output.includes('The gateway is ready') || bootstrap.exitCode !== null);
    return bootstrap.exitCode === null ? announced(folder) : null;
  };
  return { folder, bootstrap, output: () => output, ready, exited };
}

const Processes = z.array(z.object({ name: z.string(), pid: z.int(), startedAt: z.string() }));

/** The pids that a stack has recorded, by name: stack, postgres and workerd. */
export function pidsIn(folder: string): Readonly<Record<string, number>> {
  const file = join(folder, 'processes.json');
  const json = existsSync(file) ? parseJson(readFileSync(file, 'utf8')) : null;
  const parsed = Processes.safeParse(json?.ok === true ? json.value : null);
  return Object.fromEntries(
    (parsed.success ? parsed.data : []).map(({ name, pid }) => [name, pid]),
  );
}

export const isRunning = (pid: number): boolean => startTimeOf(pid) !== null;

export async function eventually(
  condition: () => boolean | Promise<boolean>,
  what = 'what was waited for',
  limitMs = WAIT_MS_MAX,
): Promise<void> {
  const deadline = performance.now() + limitMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`${what} did not happen`);
    await sleep(30);
  }
}

export async function stop(launched: Launched): Promise<void> {
  launched.bootstrap.kill('SIGINT');
  await launched.exited;
}

import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

type Run = {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
};
export type Running = {
  /** As Ctrl-C in a terminal does: for the program and all that it has started. */
  readonly interrupt: () => void;
  /** Once it has ended, and nothing is left of what it started. */
  readonly ended: Promise<Run>;
};
export type Launch = {
  readonly file: string;
  readonly args: readonly string[];
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly input?: string;
};

/** Only a guard: the programs take seconds, on a busy machine a minute. */
const RUN_MS_MAX = 240_000;

/** The port where nobody listens: what is tested must not leave the machine. */
const NOWHERE = 'http://127.0.0.1:9';

/** Runs a published program with nothing of this machine's own, and no way out of it. */
export function launch({ file, args, folder, environment, input = '' }: Launch): Running {
  const child = spawn(file, args, {
    cwd: folder,
    // A process group of its own: it can be interrupted, and counted, whole.
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      HTTP_PROXY: NOWHERE,
      HTTPS_PROXY: NOWHERE,
      NO_PROXY: '127.0.0.1,localhost',
      ...environment,
    },
  });
  let output = '';
  let errors = '';
  child.stdout.on('data', (data: Buffer) => (output += data.toString()));
  child.stderr.on('data', (data: Buffer) => (errors += data.toString()));
  // One that ends early does not read its input.
  child.stdin.on('error', () => undefined).end(input);
  const signal = (name: NodeJS.Signals | 0) => signalGroup(child.pid, name);
  // Who ends the tests ends it too.
  const kill = () => signal('SIGKILL');
  process.once('exit', kill);
  const ended = new Promise<Run>((resolve, reject) => {
    const timer = setTimeout(kill, RUN_MS_MAX);
    child.once('error', reject);
    child.once('close', (code, killedBy) => {
      clearTimeout(timer);
      process.off('exit', kill);
      if (killedBy === 'SIGKILL') reject(new Error(`It did not end: ${output}${errors}`));
      else resolve({ code, output, errors });
    });
  });
  return {
    interrupt: () => signal('SIGINT'),
    ended: ended.then(async (run) => {
      await leftAlone(signal);
      return run;
    }),
  };
}

/** What it has started ends with it, if not in the same moment. */
const ENDING_MS_MAX = 30_000;

async function leftAlone(signal: (name: NodeJS.Signals | 0) => boolean): Promise<void> {
  const deadline = performance.now() + ENDING_MS_MAX;
  while (signal(0)) {
    if (performance.now() > deadline) {
      signal('SIGKILL');
      throw new Error('It has left processes behind.');
    }
    await sleep(20);
  }
}

/** Whether there is anybody in it. */
function signalGroup(leader: number | undefined, name: NodeJS.Signals | 0): boolean {
  if (leader === undefined) return false;
  try {
    return process.kill(-leader, name);
  } catch {
    return false;
  }
}

import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, type WriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { createRequire } from 'node:module';
import { z } from 'zod';

/** The package exports the path of the binary for this platform, and no types. */
const loaded: unknown = createRequire(import.meta.url)('workerd');
const workerd = z.object({ default: z.string() }).parse(loaded).default;

export type Workerd = {
  readonly process: ChildProcess;
  readonly pid: number;
  readonly port: number;
  /** Lets running requests end, then ends. */
  readonly stop: () => Promise<void>;
};

export type WorkerdOptions = {
  readonly config: string;
  readonly port: number;
  readonly logFile: string;
  readonly secrets: Readonly<Record<string, string>>;
  readonly onLine: (line: string) => void;
};

const STOP_MS_MAX = 30_000;
const LOG_BYTES_MAX = 50 * 1024 * 1024;

/** Resolves when the socket accepts connections; throws with workerd's own words when it can't. */
export async function startWorkerd(options: WorkerdOptions): Promise<Workerd> {
  const child = spawn(
    workerd,
    [
      'serve',
      options.config,
      `--socket-addr=http=127.0.0.1:${options.port}`,
      '--control-fd=3',
      '--experimental',
    ],
    { detached: true, stdio: ['ignore', 'pipe', 'pipe', 'pipe'], env: { ...options.secrets } },
  );
  const log = createWriteStream(options.logFile, { flags: 'a' });
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) continue;
    createInterface({ input: stream }).on('line', (line) => {
      if (said.length < 50) said.push(line);
      write(log, line);
      options.onLine(line);
    });
  }
  const { pid } = child;
  if (pid === undefined) throw new Error(`workerd could not be started: ${workerd}`);
  const port = await new Promise<number>((resolve, reject) => {
    const control = child.stdio[3];
    if (control && 'on' in control) {
      control.on('data', (data: Buffer) => {
        const found = /"event":"listen","socket":"http","port":(?<port>\d+)/.exec(data.toString());
        if (found?.groups) resolve(Number(found.groups['port']));
      });
    }
    child.once('exit', () => reject(new Error(`workerd did not start:\n${said.join('\n')}`)));
  });
  return { process: child, pid, port, stop: () => stop(child) };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => {
    child.once('exit', resolve);
  });
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS_MAX);
  await ended;
  clearTimeout(late);
}

function write(log: WriteStream, line: string): void {
  if (log.bytesWritten < LOG_BYTES_MAX) log.write(`${line}\n`);
}

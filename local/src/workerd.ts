import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { createRequire } from 'node:module';
import { z } from 'zod';
import { boundedLog } from './bounded-log.ts';
import { endProcess } from './end-process.ts';
import { tieToUs } from './lifeline.ts';

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
  /** Hears of the process before anything else can happen to it. */
  readonly onSpawn?: (pid: number) => void;
};

const STOP_MS_MAX = 30_000;
const LOG_BYTES_MAX = 20 * 1024 * 1024;
/** What is shown of its words when it does not start. */
const SAID_LINES_MAX = 50;

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
  if (child.pid !== undefined) options.onSpawn?.(child.pid);
  tieToUs(child, 'TERM');
  const said = listen(child, options);
  const port = await new Promise<number>((resolve, reject) => {
    const fail = (why: string) => reject(new Error(`workerd did not start: ${why}`));
    const control = child.stdio[3];
    if (control && 'on' in control) {
      control.on('data', (data: Buffer) => {
        const found = /"event":"listen","socket":"http","port":(?<port>\d+)/.exec(data.toString());
        if (found?.groups) resolve(Number(found.groups['port']));
      });
    }
    child.once('error', (cause) => fail(cause.message));
    // Only `close` says that everything it had to say has been read.
    child.once('close', () => fail(said.join('\n')));
  });
  const stop = () => endProcess(child, ['SIGTERM', 'SIGKILL'], STOP_MS_MAX);
  return { process: child, pid: child.pid ?? 0, port, stop };
}

/** Writes what it says to the log. Returns the beginning of it, which grows. */
function listen(child: ChildProcess, { logFile, onLine }: WorkerdOptions): readonly string[] {
  const log = boundedLog(logFile, LOG_BYTES_MAX);
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) continue;
    createInterface({ input: stream }).on('line', (line) => {
      if (said.length < SAID_LINES_MAX) said.push(line);
      log.write(line);
      onLine(line);
    });
  }
  child.once('close', log.close);
  return said;
}

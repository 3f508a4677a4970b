import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { createRequire } from 'node:module';
import { Readable } from 'node:stream';
import { parseJson } from '@gateway/worker-utils/json';
import { z } from 'zod';
import { boundedLog } from '../stack/bounded-log.ts';
import { beginDrain, DRAIN_SOCKET } from '../stack/drain.ts';
import { endProcess } from '../stack/end-process.ts';
import { tieToUs } from '../stack/lifeline.ts';

/** The package exports the path of the binary for this platform, and no types. */
const loaded: unknown = createRequire(import.meta.url)('workerd');
const workerd = z.object({ default: z.string() }).parse(loaded).default;

export type Workerd = {
  readonly process: ChildProcess;
  readonly pid: number;
  /** Where each socket listens. */
  readonly ports: Ports;
  readonly urlOf: (socket: string) => string;
  /** Lets running requests end, then ends. */
  readonly stop: () => Promise<void>;
};

/** By the name of a socket. */
export type Ports = Readonly<Record<string, number>>;

export type WorkerdOptions = {
  readonly config: string;
  /** One for every socket of the configuration. 0: the system picks one. */
  readonly ports: Ports;
  /** The address that a socket listens on. None: this machine's own. */
  readonly hosts?: Readonly<Record<string, string>>;
  /** How long running requests may take to end. */
  readonly stopMsMax?: number;
  readonly logFile: string;
  readonly secrets: Readonly<Record<string, string>>;
  readonly onLine: (line: string) => void;
  /** Hears of the process before anything else can happen to it. */
  readonly onSpawn?: (pid: number) => void;
};

const LOOPBACK = '127.0.0.1';
const STOP_MS_MAX = 30_000;
const LOG_BYTES_MAX = 20 * 1024 * 1024;
/** What is shown of its words when it does not start. */
const SAID_LINES_MAX = 50;

/** Resolves when all sockets accept connections; throws with workerd's own words when it can't. */
export async function startWorkerd(options: WorkerdOptions): Promise<Workerd> {
  const child = spawn(
    workerd,
    [
      'serve',
      options.config,
      ...Object.entries(options.ports).map(
        ([socket, port]) =>
          `--socket-addr=${socket}=${options.hosts?.[socket] ?? LOOPBACK}:${port}`,
      ),
      '--control-fd=3',
      '--experimental',
    ],
    { detached: true, stdio: ['ignore', 'pipe', 'pipe', 'pipe'], env: { ...options.secrets } },
  );
  if (child.pid !== undefined) options.onSpawn?.(child.pid);
  tieToUs(child, 'TERM');
  const said = listen(child, options);
  const ports = await new Promise<Ports>((resolve, reject) => {
    const fail = (why: string) => reject(new Error(`workerd did not start: ${why}`));
    const listening: Record<string, number> = {};
    onListening(child, ({ socket, port }) => {
      listening[socket] = port;
      if (Object.keys(options.ports).every((name) => name in listening)) resolve(listening);
    });
    child.once('error', (cause) => fail(cause.message));
    // Only `close` says that everything it had to say has been read.
    child.once('close', () => fail(said.join('\n')));
  });

  const urlOf = (socket: string) => {
    const port = ports[socket];
    if (port === undefined) throw new Error(`workerd has no socket ${socket}`);
    return `http://${LOOPBACK}:${port}`;
  };
  const stop = async (): Promise<void> => {
    if (DRAIN_SOCKET in ports) await beginDrain(urlOf(DRAIN_SOCKET));
    await endProcess(child, ['SIGTERM', 'SIGKILL'], options.stopMsMax ?? STOP_MS_MAX);
  };
  return { process: child, pid: child.pid ?? 0, ports, urlOf, stop };
}

const Listening = z.object({ event: z.literal('listen'), socket: z.string(), port: z.int() });

function onListening(
  child: ChildProcess,
  hear: (listening: z.infer<typeof Listening>) => void,
): void {
  const control = child.stdio[3];
  if (!(control instanceof Readable)) return;
  createInterface({ input: control }).on('line', (line) => {
    const json = parseJson(line);
    const said = Listening.safeParse(json.ok ? json.value : null);
    if (said.success) hear(said.data);
  });
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

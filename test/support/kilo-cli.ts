import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parseJson } from '@gateway/worker-utils/json';
import { z } from 'zod';

const VERSION = '7.7.7';
const root = fileURLToPath(new URL('../..', import.meta.url));
/** Outside of our own packages: nothing of ours depends on it. */
const home = join(root, '.local', 'clients', `kilo-${VERSION}`);
const program = join(home, 'node_modules', '.bin', 'kilo');

/** Installs the published program where it is missing. */
export async function installKilo(): Promise<void> {
  if (existsSync(program)) return;
  mkdirSync(home, { recursive: true });
  const args = ['install', '--prefix', home, '--no-audit', '--no-fund', '--loglevel=error'];
  await promisify(execFile)('npm', [...args, `@kilocode/cli@${VERSION}`], { cwd: home });
}

export type Account = {
  /** The gateway's. */
  readonly url: string;
  readonly sessionIngestUrl: string;
  readonly token: string;
};
type Event = z.infer<typeof Event>;
const Event = z.looseObject({
  type: z.string(),
  sessionID: z.string().optional(),
  part: z.looseObject({ text: z.string().optional() }).optional(),
});

/** A computer of somebody who has logged in to the CLI. */
export type Machine = {
  /** Gives the CLI a prompt, and waits for the end of the turn. */
  readonly turn: (prompt: string, ...options: readonly string[]) => Promise<Turn>;
  readonly run: (...args: readonly string[]) => Promise<string>;
  readonly remove: () => void;
};
type Turn = { readonly session: string; readonly text: string };

export function newMachine(account: Account): Machine {
  const folder = mkdtempSync(join(tmpdir(), 'kilo-cli-test-'));
  logIn(folder, account.token);
  const run = (input: string, args: readonly string[]) => output(folder, account, { input, args });
  return {
    async turn(prompt, ...options) {
      const model = options.includes('-m') ? [] : ['-m', MODEL];
      const args = ['run', '--format', 'json', '--auto', ...model, ...options];
      return turnOf(await run(prompt, args));
    },
    run: (...args) => run('', args),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

const MODEL = 'kilo/anthropic/claude-sonnet-4.6';

function logIn(folder: string, token: string): void {
  const file = join(folder, '.local/share/kilo/auth.json');
  mkdirSync(dirname(file), { recursive: true });
  const kilo = { type: 'oauth', access: token, refresh: '', expires: 0 };
  writeFileSync(file, JSON.stringify({ kilo }), { mode: 0o600 });
}

function turnOf(text: string): Turn {
  const events = text.split('\n').flatMap((line): readonly Event[] => {
    const json = parseJson(line);
    const event = Event.safeParse(json.ok ? json.value : null);
    return event.success ? [event.data] : [];
  });
  const session = events.find(({ sessionID }) => sessionID !== undefined)?.sessionID;
  if (session === undefined) throw new Error(`The CLI names no session: ${text}`);
  const texts = events.flatMap(({ type, part }) => (type === 'text' ? [part?.text ?? ''] : []));
  return { session, text: texts.join('') };
}

type Call = { readonly input: string; readonly args: readonly string[] };

/** What it writes, once it has ended by itself. */
async function output(folder: string, account: Account, { input, args }: Call): Promise<string> {
  const child = spawn(program, args, {
    cwd: folder,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: environment(folder, account),
  });
  let written = '';
  let complaints = '';
  child.stdout.on('data', (data: Buffer) => (written += data.toString()));
  child.stderr.on('data', (data: Buffer) => (complaints += data.toString()));
  child.stdin.end(input);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`kilo ${args.join(' ')} ended with ${code}: ${complaints}`);
  return written;
}

/** The port where nobody listens: what is tested must not leave the machine. */
const NOWHERE = 'http://127.0.0.1:9';

/** Nothing of this machine's own; and no way out of it. */
const environment = (folder: string, { url, sessionIngestUrl }: Account) => ({
  PATH: process.env['PATH'],
  HOME: folder,
  KILO_API_URL: url,
  KILO_SESSION_INGEST_URL: sessionIngestUrl,
  KILO_TELEMETRY_LEVEL: 'off',
  KILO_DISABLE_MODELS_FETCH: '1',
  KILO_DISABLE_AUTOUPDATE: '1',
  KILO_SESSION_RETRY_LIMIT: '2',
  HTTP_PROXY: NOWHERE,
  HTTPS_PROXY: NOWHERE,
  NO_PROXY: '127.0.0.1,localhost',
});

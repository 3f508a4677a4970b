import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Account, Client, Computer } from './client.ts';
import { eventsIn, textsIn } from './events.ts';
import { installed } from './installed.ts';
import { launch, type Running } from './program-run.ts';

/** The Kilo CLI, of somebody who has logged in, or has not. It tries again so often where it is told that it may. */
export async function kilo({ retries = 2 } = {}): Promise<Client<KiloComputer>> {
  const { file, version } = await installed({ name: 'kilo', command: 'kilo' });
  return {
    name: 'kilo',
    version,
    said: textsIn,
    computer: (account) => computer({ file, retries }, account),
  };
}

export type KiloComputer = Computer & {
  /** Gives the CLI a prompt, and waits for the end of the turn. */
  readonly turn: (prompt: string, ...options: readonly string[]) => Promise<Turn>;
  /** What it writes, once it has ended well. */
  readonly run: (...args: readonly string[]) => Promise<string>;
};
type Turn = { readonly session: string; readonly text: string };

const MODEL = 'anthropic/claude-sonnet-4.6';
const task = ['run', '--format', 'json', '--auto'];

type Setup = { readonly file: string; readonly retries: number };

function computer({ file, retries }: Setup, account: Account): KiloComputer {
  const folder = mkdtempSync(join(tmpdir(), 'kilo-test-'));
  if (account.token !== null) logIn(folder, account.token);
  const environment = {
    ...environmentOf(folder, account),
    KILO_SESSION_RETRY_LIMIT: String(retries),
  };
  const start = (args: readonly string[], input = ''): Running =>
    launch({ file, args, folder, environment, input });
  return {
    folder,
    begin: (prompt, model, ...options) =>
      start([...task, '-m', `kilo/${model}`, ...options], prompt),
    async turn(prompt, ...options) {
      const written = await outputOf(start([...task, '-m', `kilo/${MODEL}`, ...options], prompt));
      return { session: sessionIn(written), text: textsIn(written) };
    },
    run: (...args) => outputOf(start(args)),
    async remove() {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function outputOf(running: Running): Promise<string> {
  const { code, output, errors } = await running.ended;
  if (code !== 0) throw new Error(`kilo ended with ${code}: ${errors}${output}`);
  return output;
}

function logIn(folder: string, token: string): void {
  const file = join(folder, '.local/share/kilo/auth.json');
  mkdirSync(dirname(file), { recursive: true });
  const entry = { type: 'oauth', access: token, refresh: '', expires: 0 };
  writeFileSync(file, JSON.stringify({ kilo: entry }), { mode: 0o600 });
}

function sessionIn(output: string): string {
  const session = eventsIn(output).find(({ sessionID }) => sessionID !== undefined)?.sessionID;
  if (session === undefined) throw new Error(`The CLI names no session: ${output}`);
  return session;
}

const environmentOf = (folder: string, { url, sessionIngestUrl }: Account) => ({
  HOME: folder,
  KILO_API_URL: url,
  KILO_SESSION_INGEST_URL: sessionIngestUrl,
  KILO_TELEMETRY_LEVEL: 'off',
  KILO_DISABLE_MODELS_FETCH: '1',
  KILO_DISABLE_AUTOUPDATE: '1',
});

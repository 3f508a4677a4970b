import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';
import { endProcess } from './end-process.ts';
import { tieToUs } from './lifeline.ts';

// Portkey's gateway as it is published: what the same questions are put to when something is compared.

/** Its own packages and their lock: nothing of ours depends on them. */
const wanted = fileURLToPath(new URL('../../portkey', import.meta.url));
const installed = fileURLToPath(new URL('../../../.local/portkey', import.meta.url));
/** Another lock is another place: what is there is what the lock says. */
const home = join(
  installed,
  createHash('sha256')
    .update(readFileSync(join(wanted, 'package-lock.json')))
    .digest('hex')
    .slice(0, 16),
);

export type Portkey = {
  readonly url: string;
  readonly pid: number;
  readonly stop: () => Promise<void>;
};

/** Where it sends a request. `url` ends in `/v1`, before `/chat/completions`. */
export type PortkeyTarget = {
  readonly provider: 'openai' | 'openrouter';
  readonly url: string;
  readonly apiKey: string;
};

/** It adds `/v1` itself where it asks OpenRouter. */
const hostOf = ({ provider, url }: PortkeyTarget): string =>
  provider === 'openrouter' ? url.replace(/\/v1$/, '') : url;

/** What its configuration says beside that the targets are tried in turn, in its words. */
export type PortkeySettings = {
  readonly strategy?: object;
  readonly request_timeout?: number;
};

/** The headers that say so: the second and further targets are tried where those before have failed. */
export function portkeyHeaders(
  targets: readonly [PortkeyTarget, ...PortkeyTarget[]],
  { strategy, ...settings }: PortkeySettings = {},
): Readonly<Record<string, string>> {
  const [first, ...further] = targets;
  if (further.length === 0) {
    return {
      'x-portkey-provider': first.provider,
      'x-portkey-custom-host': hostOf(first),
      authorization: `Bearer ${first.apiKey}`,
    };
  }
  const config = {
    ...settings,
    strategy: { mode: 'fallback', ...strategy },
    targets: targets.map((target) => ({
      provider: target.provider,
      custom_host: hostOf(target),
      api_key: target.apiKey,
    })),
  };
  return { 'x-portkey-config': JSON.stringify(config) };
}

const STOP_MS_MAX = 5_000;
const START_MS_MAX = 60_000;
/** It also writes the stack of each call that fails: no more is kept. */
const SAID_MAX = 2_000;
const Listening = z.object({ port: z.int() });

/** Installs it where it is missing, and starts it on a port of this machine that the system picks. */
export async function startPortkey(): Promise<Portkey> {
  await install();
  const child = spawn(
    process.execPath,
    [
      '--import',
      join(wanted, 'loopback.mjs'),
      join(home, 'node_modules', '@portkey-ai', 'gateway', 'build', 'start-server.js'),
      '--headless',
    ],
    {
      cwd: home,
      // Detached as every server here, so that Ctrl-C reaches only who started it.
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: { NODE_ENV: 'production', TRUSTED_CUSTOM_HOSTS: '127.0.0.1' },
    },
  );
  tieToUs(child, 'TERM');
  let said = '';
  child.stderr?.on('data', (bytes: Buffer) => (said = (said + bytes.toString()).slice(-SAID_MAX)));
  const stop = (): Promise<void> => endProcess(child, ['SIGTERM', 'SIGKILL'], STOP_MS_MAX);
  try {
    const port = await new Promise<number>((resolve, reject) => {
      const fail = (why: string) => reject(new Error(`Portkey did not start: ${why} ${said}`));
      const timer = setTimeout(() => fail('it does not listen'), START_MS_MAX);
      child.once('error', ({ message }) => fail(message));
      child.once('exit', (code) => fail(`it ended with ${code}`));
      child.on('message', (message) => {
        const heard = Listening.safeParse(message);
        if (!heard.success) return;
        clearTimeout(timer);
        resolve(heard.data.port);
      });
    });
    return { url: `http://127.0.0.1:${port}/v1/chat/completions`, pid: child.pid ?? 0, stop };
  } catch (cause) {
    await stop();
    throw cause;
  }
}

/** As the lock says, and whole or not at all. No package of it may run anything while it is installed. */
async function install(): Promise<void> {
  if (existsSync(home)) return;
  mkdirSync(installed, { recursive: true });
  const draft = mkdtempSync(join(installed, 'draft-'));
  for (const name of ['package.json', 'package-lock.json']) {
    copyFileSync(join(wanted, name), join(draft, name));
  }
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  try {
    await promisify(execFile)('npm', args, { cwd: draft, shell: process.platform === 'win32' });
    renameSync(draft, home);
  } catch (cause) {
    rmSync(draft, { recursive: true, force: true });
    // Somebody else was faster.
    if (!existsSync(home)) throw cause;
  }
}

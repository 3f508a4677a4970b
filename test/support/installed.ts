import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';

const root = fileURLToPath(new URL('../..', import.meta.url));
const pins = join(root, 'test', 'clients', 'programs');
/** Outside of our own packages: nothing of ours depends on a client. */
const homes = join(root, '.local', 'clients');

export type Program = { readonly version: string; readonly file: string };
type Pin = {
  /** The folder with its package.json and its lock. */
  readonly name: string;
  readonly command: string;
  /** A package whose install script it can't do without. */
  readonly scripted?: string;
};

const Package = z.object({ dependencies: z.record(z.string(), z.string()) });

/** A published program at the version that its folder pins, with all that it needs as its lock has it. Installed where it is missing. */
export async function installed(pin: Pin): Promise<Program> {
  const from = join(pins, pin.name);
  const lock = readFileSync(join(from, 'package-lock.json'));
  const home = join(
    homes,
    `${pin.name}-${createHash('sha256').update(lock).digest('hex').slice(0, 12)}`,
  );
  const stamp = join(home, '.installed');
  if (!existsSync(stamp)) {
    rmSync(home, { recursive: true, force: true });
    mkdirSync(home, { recursive: true });
    for (const name of ['package.json', 'package-lock.json']) {
      copyFileSync(join(from, name), join(home, name));
    }
    await install(home, pin);
    writeFileSync(stamp, '');
  }
  const { dependencies } = Package.parse(
    JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')),
  );
  const [version = ''] = Object.values(dependencies);
  return { version, file: join(home, 'node_modules', '.bin', pin.command) };
}

/**
 * Not by `npm ci`: the programs come with a binary for each system, a registry need not have them all, and `npm ci` refuses a
 * lock that lacks one. Scripts of packages don't run, but for the one that puts a program's binary in its place.
 */
async function install(home: string, { scripted }: Pin): Promise<void> {
  const run = promisify(execFile);
  const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  await run('npm', args, { cwd: home });
  if (scripted === undefined) return;
  await run(process.execPath, ['postinstall.mjs'], { cwd: join(home, 'node_modules', scripted) });
}

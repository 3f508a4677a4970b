import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CannotStart } from '@gateway/local/cannot-start';
import { root } from '@gateway/local/root';
import { readWorkerConfig, type WorkerConfig } from '@gateway/local/workerd/worker-config';
import { runBundler, type WorkerName, workerNames } from '@gateway/local/workerd/workers';
import type { Instead } from './gateways.ts';
import type { OwnPlace } from './in-folder.ts';

/** The workers of another commit. */
export type OtherBuild = {
  readonly commit: string;
  /** Files that workers are made of, and that differ in this tree. */
  readonly changed: readonly string[];
  /** Modules and configurations. */
  readonly workers: Instead;
};

const SOURCES = ['workers', 'packages'] as const;
const LOCK = 'package-lock.json';
/** The scope of our own packages. */
const OWN = '@gateway';

const run = promisify(execFile);

/** Bundles the workers of a commit, as it configures them, with the packages that are installed here. */
export async function buildOther(
  ref: string,
  { folder, cleanUp, signal }: OwnPlace,
): Promise<OtherBuild> {
  const commit = await commitOf(ref);
  const changed = await changedSince(commit);
  if (changed.includes(LOCK)) {
    throw new CannotStart(
      `${ref} has another ${LOCK} than this tree: the packages that are installed here are not its own. Nothing was measured.`,
    );
  }
  const building = inWorktree(commit, join(folder, 'other-tree'), async (tree) => {
    linkPackages(tree);
    return bundleAll(tree, { folder: join(folder, 'other'), signal });
  });
  // An early end breaks it off; then its tree is still to be removed.
  cleanUp.push(() => building.catch(() => undefined));
  return { commit, changed: changed.filter(isSource), workers: await building };
}

async function commitOf(ref: string): Promise<string> {
  try {
    return await git('rev-parse', '--verify', '--quiet', `${ref}^{commit}`);
  } catch (cause) {
    throw new CannotStart(`git knows no commit ${ref}.`, { cause });
  }
}

async function changedSince(commit: string): Promise<readonly string[]> {
  const tracked = await git('diff', '--name-only', commit, '--', LOCK, ...SOURCES);
  const others = await git('ls-files', '--others', '--exclude-standard', '--', ...SOURCES);
  return `${tracked}\n${others}`.split('\n').filter((file) => file !== '');
}

const isSource = (file: string): boolean => !/\.(?:test|test-d)\.ts$|\.md$/.test(file);

async function inWorktree<Result>(
  commit: string,
  folder: string,
  work: (tree: string) => Promise<Result>,
): Promise<Result> {
  await git('worktree', 'add', '--quiet', '--detach', folder, commit);
  try {
    return await work(folder);
  } finally {
    await git('worktree', 'remove', '--force', folder);
  }
}

/** Our own packages are the tree's; all others are those that are installed here. */
function linkPackages(tree: string): void {
  const installed = join(root, 'node_modules');
  const linked = join(tree, 'node_modules');
  mkdirSync(linked);
  for (const name of readdirSync(installed)) {
    if (name.startsWith('.') || name === OWN) continue;
    symlinkSync(join(installed, name), join(linked, name));
  }
  // These point from the folder that they are in to a workspace of the same tree.
  cpSync(join(installed, OWN), join(linked, OWN), { recursive: true, verbatimSymlinks: true });
}

/** One after the other: when it is broken off, none goes on in a tree that is being removed. */
async function bundleAll(
  tree: string,
  { folder, signal }: Pick<OwnPlace, 'folder' | 'signal'>,
): Promise<Instead> {
  const standIns: Partial<Record<WorkerName, string>> = {};
  const configs: Partial<Record<WorkerName, WorkerConfig>> = {};
  for (const name of workerNames) {
    const config = join(tree, 'workers', name, 'wrangler.jsonc');
    configs[name] = readWorkerConfig(config);
    await runBundler({ config, folder: join(folder, name), signal });
    standIns[name] = join(folder, name, 'index.js');
  }
  return { standIns, configs };
}

async function git(...args: readonly string[]): Promise<string> {
  const said = await run('git', args, { cwd: root });
  return said.stdout.trim();
}

import { chmodSync, lstatSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** What a stack writes into its folder: money, tokens, secrets and logs. */
const WRITTEN = [
  'bundles',
  'logs',
  'objects',
  'postgres',
  'simulator',
  'processes.json',
  'running.json',
  'secrets.json',
  'workerd.capnp',
];
const STICKY = 0o1000;
const OTHERS = 0o077;

/**
 * Makes a stack's folder, for its owner alone (0700; files 0600): from here on, this process and those that it starts give
 * nobody else a right to what they create. What an earlier version left readable is closed.
 * @param isPassedThrough a process of another user works in a subfolder: it may pass through, and sees nothing else.
 */
export function stateFolder(folder: string, { isPassedThrough = false } = {}): void {
  process.umask(OTHERS);
  mkdirSync(join(folder, 'logs'), { recursive: true });
  // Where everybody may write, such as /tmp, nothing is ours to close but what we write.
  if ((lstatSync(folder).mode & STICKY) === 0) chmodSync(folder, isPassedThrough ? 0o711 : 0o700);
  for (const name of WRITTEN) closeToOthers(join(folder, name));
}

function closeToOthers(path: string): void {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined || found.isSymbolicLink()) return;
  if ((found.mode & OTHERS) !== 0 && isOurs(found.uid)) chmodSync(path, found.mode & 0o700);
  if (found.isDirectory()) for (const name of readdirSync(path)) closeToOthers(join(path, name));
}

const isOurs = (owner: number): boolean => [0, owner].includes(process.getuid?.() ?? owner);

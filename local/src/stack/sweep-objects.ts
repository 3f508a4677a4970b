import { existsSync } from 'node:fs';
import { open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

// workerd gives each object a file when it makes the object, and leaves one page of it when the object deletes all that it has.
// Cloudflare keeps nothing of such an object; here, its file is swept.

const PAGE_BYTES = 4096;
/** Of a table's page, behind the 100 bytes of the database's own header: its kind, and how many cells it has. */
const [PAGE_KIND_AT, CELLS_AT, LEAF] = [100, 103, 0x0d];
const OBJECT = /^[0-9a-f]{64}\.sqlite$/;
const SWEPT = '.swept';
/** workerd opens a file and writes its log in one turn. Whoever opened a file just before it was moved has its log by then. */
const GRACE_MS = 2_000;
/** An object that is idle for ten seconds is closed: each one is seen open at least once. */
const EVERY_MS = 5_000;

/** Classes that hold money at rest. Their objects are as many as there are payers, so that waiting for a stop costs little. */
const ONLY_WHEN_STOPPED = /-(?:Ledger|LedgerIndex)$/;

/** Files that were closed and not empty, until they are seen open again: they need not be looked at. */
type Memory = Set<string>;

/** Removes the files of empty objects, while no workerd runs. Finishes what a sweep that was killed has begun. */
export async function sweepClosed(storageFolder: string): Promise<void> {
  for (const folder of await foldersIn(storageFolder)) {
    for (const name of await readdir(folder)) {
      if (name.endsWith(SWEPT)) await settleMoved(join(folder, name.slice(0, -SWEPT.length)));
    }
    for (const name of await readdir(folder)) {
      const file = join(folder, name);
      if (!OBJECT.test(name) || !(await isEmpty(file)) || (await hasLog(file))) continue;
      for (const end of ['', '-wal', '-shm']) await rm(file + end, { force: true });
    }
  }
}

/** Removes the files of empty objects beside a workerd that runs, again and again. Returns how to end it. */
export function keepSwept(
  storageFolder: string,
  { everyMs = EVERY_MS, graceMs = GRACE_MS, say }: SweepOptions,
): () => Promise<void> {
  const stopping = new AbortController();
  const memory: Memory = new Set();
  const life = (async () => {
    while (await pause(everyMs, stopping.signal)) {
      await sweepOpen(storageFolder, { memory, graceMs }).catch((cause: unknown) =>
        say(`Files of empty objects were not swept: ${String(cause)}`),
      );
    }
  })();
  return async () => {
    stopping.abort();
    await life;
  };
}
type SweepOptions = {
  readonly everyMs?: number;
  readonly graceMs?: number;
  readonly say: (line: string) => void;
};

/**
 * A file that may be opened at any moment can't be deleted safely: its object would go on in a file without a name. So it is
 * moved first. An object that comes after that makes a new file; one that had opened the moved one gets it back.
 */
async function sweepOpen(
  storageFolder: string,
  { memory, graceMs }: { readonly memory: Memory; readonly graceMs: number },
): Promise<void> {
  const moved: string[] = [];
  for (const folder of await foldersIn(storageFolder)) {
    if (ONLY_WHEN_STOPPED.test(folder)) continue;
    const names = new Set(await readdir(folder));
    for (const name of names) {
      if (!OBJECT.test(name)) continue;
      const file = join(folder, name);
      const isOpen = names.has(`${name}-wal`) || names.has(`${name}-shm`);
      if (isOpen) memory.delete(file);
      if (isOpen || memory.has(file)) continue;
      if (await isEmpty(file)) {
        await rename(file, file + SWEPT);
        moved.push(file);
      } else memory.add(file);
    }
  }
  if (moved.length === 0) return;
  await sleep(graceMs);
  for (const file of moved) await settleMoved(file);
}

async function settleMoved(file: string): Promise<void> {
  if (!existsSync(file) && existsSync(`${file}-wal`)) await rename(file + SWEPT, file);
  else await rm(file + SWEPT, { force: true });
}

/** The folders of the classes of objects. */
async function foldersIn(storageFolder: string): Promise<readonly string[]> {
  if (!existsSync(storageFolder)) return [];
  const entries = await readdir(storageFolder, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(storageFolder, name));
}

/** Whether a database has no tables: it is one page, and there is nothing on it. A file that was never written is one too. */
export async function isEmpty(file: string): Promise<boolean> {
  const { size } = await stat(file);
  if (size === 0) return true;
  if (size !== PAGE_BYTES) return false;
  const handle = await open(file);
  try {
    const page = new Uint8Array(PAGE_BYTES);
    await handle.read(page, 0, PAGE_BYTES, 0);
    return page[PAGE_KIND_AT] === LEAF && page[CELLS_AT] === 0 && page[CELLS_AT + 1] === 0;
  } finally {
    await handle.close();
  }
}

/** Whether something was written that is not in the file itself yet. */
async function hasLog(file: string): Promise<boolean> {
  return existsSync(`${file}-wal`) && (await stat(`${file}-wal`)).size > 0;
}

/** False: it was ended meanwhile. */
async function pause(ms: number, signal: AbortSignal): Promise<boolean> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
  return !signal.aborted;
}

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseJson } from '@gateway/worker-utils/json';
import { z } from 'zod';

// Which processes a stack has started, written to its folder, so that the next start can end what a crash has left.

const Recorded = z.object({
  name: z.string(),
  pid: z.int(),
  /** When it was started, as the system tells. A pid is given out again; a pid with its start time is not. */
  startedAt: z.string(),
});
export type Recorded = z.infer<typeof Recorded>;

const fileIn = (folder: string): string => join(folder, 'processes.json');
const END_MS_MAX = 10_000;

/** Null where no such process runs, or where it is one that has ended and waits to be collected. */
export function startTimeOf(pid: number): string | null {
  if (process.platform !== 'linux') {
    const { stdout } = spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' });
    return stdout.trim() || null;
  }
  try {
    // Field 3 is the state and field 22 the start time. The name, field 2, is in parentheses and may hold blanks.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return fields[0] === 'Z' ? null : (fields[19] ?? null);
  } catch {
    return null;
  }
}

export const isAlive = ({ pid, startedAt }: Recorded): boolean => startTimeOf(pid) === startedAt;

/** Replaces an earlier process of the same name. Call it right after the start of the process. */
export function record(folder: string, name: string, pid: number): void {
  const startedAt = startTimeOf(pid);
  if (startedAt === null) return;
  const others = recorded(folder).filter((other) => other.name !== name);
  writeFileSync(fileIn(folder), JSON.stringify([...others, { name, pid, startedAt }], null, 2));
}

export function recorded(folder: string): readonly Recorded[] {
  if (!existsSync(fileIn(folder))) return [];
  const json = parseJson(readFileSync(fileIn(folder), 'utf8'));
  const parsed = z.array(Recorded).safeParse(json.ok ? json.value : null);
  return parsed.success ? parsed.data : [];
}

/** Ends what is left of an earlier stack. Never touches a process that is not the one that was recorded. */
export async function endLeftovers(folder: string): Promise<readonly string[]> {
  const left = recorded(folder).filter(isAlive);
  await Promise.all(left.map(end));
  forget(folder);
  return left.map(({ name }) => name);
}

export const forget = (folder: string): void => rmSync(fileIn(folder), { force: true });

/** Asks first: Postgres shuts down fast and clean on SIGINT, everything else on SIGTERM. */
async function end(target: Recorded): Promise<void> {
  signal(target, target.name === 'postgres' ? 'SIGINT' : 'SIGTERM');
  const deadline = performance.now() + END_MS_MAX;
  while (isAlive(target)) {
    if (performance.now() > deadline) signal(target, 'SIGKILL');
    await sleep(20);
  }
}

function signal(target: Recorded, name: NodeJS.Signals): void {
  if (!isAlive(target)) return;
  try {
    process.kill(target.pid, name);
  } catch {
    // It has ended in between.
  }
}

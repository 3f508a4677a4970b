import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
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
  /** As the system tells. Start times of two boots may be the same. */
  command: z.string(),
});
export type Recorded = z.infer<typeof Recorded>;

const fileIn = (folder: string): string => join(folder, 'processes.json');
/** A stack that is told to end lets running requests end first. */
const END_MS_MAX = { stack: 45_000, other: 10_000 };

/** Null where no such process runs, or where it is one that has ended and waits to be collected. */
export function startTimeOf(pid: number): string | null {
  return process.platform === 'linux'
    ? startTimeIn(textOf(`/proc/${pid}/stat`))
    : askPs(pid, 'lstart');
}

/**
 * Of a line of `/proc/<pid>/stat`: field 22, and no time where field 3, the state, says that it has ended. The name, field
 * 2, is in parentheses and may hold blanks and parentheses.
 */
export function startTimeIn(stat: string): string | null {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' ? null : (fields[19] ?? null);
}

/** Its whole command line, empty where it can't be told. */
export const commandOf = (pid: number): string =>
  process.platform === 'linux'
    ? textOf(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim()
    : (askPs(pid, 'command') ?? '');

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function askPs(pid: number, field: string): string | null {
  const asked = spawnSync('ps', ['-ww', '-o', `${field}=`, '-p', String(pid)], {
    encoding: 'utf8',
  });
  return asked.stdout.trim() || null;
}

export const isAlive = ({ pid, startedAt, command }: Recorded): boolean =>
  startTimeOf(pid) === startedAt && commandOf(pid) === command;

/** Replaces an earlier process of the same name. Call it right after the start of the process. */
export function record(folder: string, name: string, pid: number): void {
  const startedAt = startTimeOf(pid);
  if (startedAt === null) return;
  const others = recorded(folder).filter((other) => other.name !== name);
  const all = [...others, { name, pid, startedAt, command: commandOf(pid) }];
  // Whole or not at all: a crash while it is written would hide what is running.
  const draft = `${fileIn(folder)}.draft`;
  writeFileSync(draft, JSON.stringify(all, null, 2));
  renameSync(draft, fileIn(folder));
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
  // First the one that would start the others again.
  for (const stack of left.filter(({ name }) => name === 'stack')) await end(stack);
  await Promise.all(left.filter(({ name }) => name !== 'stack').map(end));
  forget(folder);
  return left.map(({ name }) => name);
}

export const forget = (folder: string): void => rmSync(fileIn(folder), { force: true });

/** Asks first: Postgres shuts down fast and clean on SIGINT, everything else on SIGTERM. */
async function end(target: Recorded): Promise<void> {
  signal(target, target.name === 'postgres' ? 'SIGINT' : 'SIGTERM');
  const deadline = performance.now() + END_MS_MAX[target.name === 'stack' ? 'stack' : 'other'];
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

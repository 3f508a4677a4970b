import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { cpuMsOf, TICK_MS } from './process-cost.ts';

/** CPU time of the whole machine since it started, in ticks. */
type Ticks = { readonly busy: number; readonly all: number };

/** The first line of `/proc/stat`: user, nice, system, idle, iowait, irq, softirq, steal. */
function ticksNow(): Ticks {
  const line = readFileSync('/proc/stat', 'utf8').split('\n', 1)[0] ?? '';
  const fields = line.trim().split(/\s+/).slice(1, 9).map(Number);
  const all = fields.reduce((total, field) => total + field, 0);
  const [, , , idle = 0, waiting = 0] = fields;
  return { busy: all - idle - waiting, all };
}

/** Tells, when it is asked, which part of the machine others have used since: not this process, and nothing below it. */
export function watchOthers(): () => number {
  const before = { ...ticksNow(), oursMs: cpuMsOf(process.pid) };
  return () => {
    const after = { ...ticksNow(), oursMs: cpuMsOf(process.pid) };
    const ours = (after.oursMs - before.oursMs) / TICK_MS;
    return Math.max(0, after.busy - before.busy - ours) / Math.max(1, after.all - before.all);
  };
}

const LOOK_MS = 3_000;
/** Above, what is measured is mostly the others. */
const BUSY_MAX = 0.15;

/** How busy the machine is with what is not ours. Null: little enough to measure. */
export async function howBusy(): Promise<string | null> {
  const before = ticksNow();
  await sleep(LOOK_MS);
  const after = ticksNow();
  const share = (after.busy - before.busy) / Math.max(1, after.all - before.all);
  if (share <= BUSY_MAX) return null;
  return `${Math.round(share * 100)} % of its ${availableParallelism()} cores are in use by others (load ${loadText()})`;
}

const loadText = (): string =>
  loadavg()
    .map((load) => load.toFixed(1))
    .join(' ');

export const machine = () => ({
  cores: availableParallelism(),
  cpu: cpus()[0]?.model ?? 'unknown',
  kernel: release(),
  node: process.version,
  load: loadText(),
});

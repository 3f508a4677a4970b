import { readdirSync, readFileSync } from 'node:fs';

// What processes have used, as Linux tells. Where it does not, and of one that has ended, it is no number.

function told(pid: number | string, what: 'stat' | 'status' | 'io'): string | null {
  try {
    return readFileSync(`/proc/${pid}/${what}`, 'utf8');
  } catch {
    return null;
  }
}

/** Linux counts in these, whatever the kernel's own clock. */
export const TICK_MS = 10;

type Times = { readonly parent: number; readonly ownMs: number; readonly collectedMs: number };

/** Fields 4 and 14 to 17 of `/proc/<pid>/stat`. The name, field 2, may hold blanks and parentheses. */
export function timesIn(stat: string): Times {
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const [user = 0, system = 0, childUser = 0, childSystem = 0] = fields.slice(11, 15);
  return {
    parent: fields[1] ?? 0,
    ownMs: (user + system) * TICK_MS,
    collectedMs: (childUser + childSystem) * TICK_MS,
  };
}

function timesOf(pid: string): Times | null {
  const stat = told(pid, 'stat');
  return stat === null ? null : timesIn(stat);
}

/** CPU time of a process and of all below it, of those too that have ended: each connection of Postgres is one. */
export function cpuMsOf(pid: number): number {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const times = timesOf(name);
      return times ? [{ pid: Number(name), ...times }] : [];
    });
  const below = (parent: number): number =>
    all
      .filter((child) => child.parent === parent)
      .reduce((total, child) => total + child.ownMs + child.collectedMs + below(child.pid), 0);
  const own = all.find((process) => process.pid === pid);
  return own ? own.ownMs + own.collectedMs + below(pid) : Number.NaN;
}

/** What a process has sent to the disk, in whole pages. */
export const writtenBytesOf = (pid: number): number => writtenIn(told(pid, 'io') ?? '');

export const writtenIn = (io: string): number =>
  Number(/^write_bytes: (?<bytes>\d+)$/m.exec(io)?.groups?.['bytes']);

export function residentMib(pid: number): number {
  const status = told(pid, 'status') ?? '';
  return Number(/VmRSS:\s+(?<kib>\d+)/.exec(status)?.groups?.['kib']) / 1024;
}

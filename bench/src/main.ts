import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { figuresOf } from './figures.ts';
import { howBusy, machine, watchOthers } from './machine.ts';
import { measure, type Plan, type Size } from './rounds.ts';
import { type Servers, startServers } from './servers.ts';
import { tablesOf } from './table.ts';
import { type Target, type TargetKey, targetsOf } from './targets.ts';
import { bodies, oneClient, slow, small, streamed, type Workload } from './workloads.ts';

// `npm run bench`: what the gateway costs, beside the least that anything on workerd could.

const USAGE = `npm run bench -- [ledger] [--quick] [--busy-anyway] [--json <file>]

ledger         what holding and settling cost, against a gateway that does neither
--quick        under two minutes, and rougher
--busy-anyway  measures also where others use the machine; the figures say so
--json         where the figures go (.local/bench.json)`;

const Arguments = z.object({
  values: z.object({
    quick: z.boolean().default(false),
    'busy-anyway': z.boolean().default(false),
    json: z.string().default('.local/bench.json'),
  }),
  positionals: z.union([z.tuple([]), z.tuple([z.literal('ledger')])]),
});

const SIZES = {
  whole: { rounds: 7, sampleMs: 2_000 },
  quick: { rounds: 2, sampleMs: 400 },
} as const satisfies Record<string, Size>;

const everyone: readonly TargetKey[] = [
  'direct',
  'native',
  'tee',
  'portkey',
  'paid',
  'free',
  'ownKey',
  'withoutLedger',
];

const everything: readonly (readonly [Workload, readonly TargetKey[]])[] = [
  [oneClient, everyone],
  [small, everyone],
  [streamed, everyone],
  ...bodies.map((workload) => [workload, ['direct', 'tee', 'parsed', 'portkey', 'paid']] as const),
  [slow, ['direct', 'native', 'tee', 'portkey', 'paid']],
];

const ledgerAlone: typeof everything = [oneClient, small, streamed].map(
  (workload) => [workload, ['paid', 'withoutLedger']] as const,
);

const planOf = (chosen: typeof everything, targets: Readonly<Record<TargetKey, Target>>): Plan =>
  chosen.map(([workload, keys]) => ({ workload, targets: keys.map((key) => targets[key]) }));

/** A line that is written over, where somebody looks; one line a workload, where the output is kept. */
function progress(done: number, all: number, what: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${done} of ${all}  ${what}`);
  else if (done % 10 === 0) process.stderr.write(`${done} of ${all}  ${what}\n`);
}

async function main(): Promise<number> {
  const parsed = Arguments.safeParse(argumentsGiven());
  if (!parsed.success) {
    console.error(USAGE);
    return 2;
  }
  const { values, positionals } = parsed.data;
  const busy = await howBusy();
  if (busy !== null && !values['busy-anyway']) {
    console.error(`The machine is busy: ${busy}. Nothing was measured.`);
    return 1;
  }
  const before = machine();
  const folder = mkdtempSync(join(tmpdir(), 'llm-gateway-bench-'));
  // Where this runs as root, the unprivileged Postgres must find its data in there.
  chmodSync(folder, 0o711);
  let servers: Servers | null = null;
  const endEarly = async (): Promise<void> => {
    await servers?.stop();
    rmSync(folder, { recursive: true, force: true });
    process.exit(1);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void endEarly());
  try {
    servers = await startServers({ folder, say: (line) => process.stderr.write(`${line}\n`) });
    const size = SIZES[values.quick ? 'quick' : 'whole'];
    const chosen = positionals.length > 0 ? ledgerAlone : everything;
    const others = watchOthers();
    const measured = await measure(planOf(chosen, targetsOf(servers)), {
      size,
      simulatorOrigin: new URL(servers.simulator.url).origin,
      progress,
    });
    const othersPercent = Math.round(others() * 100);
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
    const figures = measured.map(figuresOf);
    const at = new Date().toISOString();
    console.log(`${at}, ${before.cores} cores of ${before.cpu}, load ${before.load} before`);
    console.log(`While it was measured, others used ${othersPercent} % of the machine.`);
    console.log(`\n${tablesOf(figures)}`);
    const file = resolve(values.json);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(
      file,
      JSON.stringify({ at, machine: before, busy, othersPercent, size, figures }, null, 2),
    );
    console.log(`\nThe figures are in ${file}`);
    return figures.some(({ answers }) => answers === 0) ? 1 : 0;
  } finally {
    await servers?.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function argumentsGiven(): unknown {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        quick: { type: 'boolean' },
        'busy-anyway': { type: 'boolean' },
        json: { type: 'string' },
      },
    });
  } catch {
    return null;
  }
}

process.exitCode = await main();

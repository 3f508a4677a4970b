import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { startBeside } from './beside.ts';
import { comparisonOf, writeComparison } from './comparison.ts';
import { startFaultWorld } from './fault-world.ts';
import { tableOf } from './table.ts';
import { type Outcome, outcomesOf, type Subject } from './fault-matrix.ts';

// `npm run faults`: sixteen faults of a provider, what a caller sees of each, and whether that is right.

const USAGE = `npm run faults -- [--rounds <n>] [--compare] [--json]

--rounds   so often, one after the other (1)
--compare  puts others before the same faults, and writes docs/faults.md
--json     prints what was seen as data`;

const Arguments = z.object({
  rounds: z.coerce.number().int().min(1).max(100).default(1),
  compare: z.boolean().default(false),
  json: z.boolean().default(false),
});
type Arguments = z.infer<typeof Arguments>;

async function main(): Promise<number> {
  const parsed = Arguments.safeParse(argumentsGiven());
  if (!parsed.success) {
    console.error(USAGE);
    return 2;
  }
  const folder = mkdtempSync(join(tmpdir(), 'llm-gateway-faults-'));
  // Where this runs as root, the unprivileged Postgres must find its data in there.
  chmodSync(folder, 0o711);
  const told = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => told.abort());
  const isTold = new Promise<never>((_, reject) => {
    told.signal.addEventListener('abort', () => reject(new Error('Told to stop.')));
  });
  const cleanUp: (() => Promise<void>)[] = [];
  try {
    return await Promise.race([run(parsed.data, { folder, cleanUp }), isTold]);
  } finally {
    for (const step of cleanUp.toReversed()) await step();
    rmSync(folder, { recursive: true, force: true });
  }
}

type Place = { readonly folder: string; readonly cleanUp: (() => Promise<void>)[] };

async function run({ rounds, compare, json }: Arguments, place: Place): Promise<number> {
  const world = await startFaultWorld(place.folder);
  place.cleanUp.push(world.stop);
  const subjects: Subject[] = [world.gateway];
  if (compare) {
    const beside = await startBeside(world.simulator, place.folder);
    place.cleanUp.push(beside.stop);
    subjects.push(...beside.subjects);
  }
  let wrong = 0;
  for (let round = 1; round <= rounds; round += 1) {
    const columns = await Promise.all(
      subjects.map(async (subject, index) => ({
        name: subject.name,
        outcomes: await outcomesOf(subject, { ...world, tag: `${round}-${index}` }),
      })),
    );
    wrong += wrongIn(columns[0]?.outcomes ?? []);
    for (const { name, outcomes } of columns) {
      const text = `${name}\n\n${tableOf(outcomes, world.whole)}\n`;
      console.log(json ? JSON.stringify({ round, name, outcomes }) : text);
    }
    if (compare) console.log(writeComparison(comparisonOf(columns, world.whole)));
  }
  if (!json) console.log(wrong === 0 ? 'All correct.' : `${wrong} wrong.`);
  return wrong === 0 ? 0 : 1;
}

const wrongIn = (outcomes: readonly Outcome[]): number =>
  outcomes.filter(({ problems }) => problems.length > 0).length;

function argumentsGiven(): unknown {
  try {
    const { values } = parseArgs({
      options: {
        rounds: { type: 'string' },
        compare: { type: 'boolean' },
        json: { type: 'boolean' },
      },
    });
    return values;
  } catch {
    return null;
  }
}

// What is still asked when it is told to stop must not keep it.
process.exit(
  await main().catch((cause: unknown) => {
    console.error(cause);
    return 1;
  }),
);

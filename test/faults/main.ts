import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { startFaultWorld } from './fault-world.ts';
import { tableOf } from './table.ts';
import { outcomesOf } from './wall.ts';

// `npm run faults`: sixteen faults of a provider, what a caller sees of each, and whether that is right.

const USAGE = `npm run faults -- [--rounds <n>] [--json]

--rounds  so often, one after the other (1)
--json    prints what was seen as data`;

const Arguments = z.object({
  rounds: z.coerce.number().int().min(1).max(100).default(1),
  json: z.boolean().default(false),
});

async function main(): Promise<number> {
  const parsed = Arguments.safeParse(argumentsGiven());
  if (!parsed.success) {
    console.error(USAGE);
    return 2;
  }
  const { rounds, json } = parsed.data;
  const folder = mkdtempSync(join(tmpdir(), 'llm-gateway-faults-'));
  // Where this runs as root, the unprivileged Postgres must find its data in there.
  chmodSync(folder, 0o711);
  const told = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => told.abort());
  const world = await startFaultWorld({ folder, signal: told.signal });
  const isTold = new Promise<never>((_, reject) => {
    told.signal.addEventListener('abort', () => reject(new Error('Told to stop.')));
  });
  try {
    let wrong = 0;
    for (let round = 1; round <= rounds; round += 1) {
      const stage = { ...world, tag: String(round) };
      const outcomes = await Promise.race([outcomesOf(world.gateway, stage), isTold]);
      wrong += outcomes.filter(({ problems }) => problems.length > 0).length;
      console.log(json ? JSON.stringify({ round, outcomes }) : tableOf(outcomes, world.whole));
    }
    if (!json) console.log(wrong === 0 ? '\nAll correct.' : `\n${wrong} wrong.`);
    return wrong === 0 ? 0 : 1;
  } finally {
    await world.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function argumentsGiven(): unknown {
  try {
    const { values } = parseArgs({
      options: { rounds: { type: 'string' }, json: { type: 'boolean' } },
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

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { CannotStart } from '@gateway/local/cannot-start';
import { z } from 'zod';
import { against } from './against.ts';
import { EndedEarly } from './in-folder.ts';
import { LoadNames, loads } from './in-step.ts';
import { howBusy } from './machine.ts';
import { publish } from './publish.ts';
import type { Report } from './report.ts';
import { type Asked, run } from './run.ts';

// `npm run bench`: what the gateway costs, beside the least that anything on workerd could, and beside another gateway.

const USAGE = `npm run bench -- [ledger | growth] [--quick] [--publish] [--busy-anyway] [--json <file>]
npm run bench -- against [<commit>] [--only <load>,…] [--rounds <n>] [--json <file>]

ledger         what holding and settling cost, against a gateway that does neither
growth         how the cost grows: with requests, streams, bodies, payers, labels, and what waits for Postgres
against        whether this tree's workers are cheaper than those of a commit (HEAD~1), also on a machine that others use
--quick        in a minute and a half, and rougher
--publish      puts tables and charts into docs; not those of the ledger alone
--busy-anyway  measures also where others use the machine; the figures say so
--only         some of the loads: ${Object.keys(loads).join(', ')}
--rounds       how often each load is compared, once more to warm up (5)
--json         where the figures go (.local/bench.json, .local/bench-growth.json, .local/bench-against.json)`;

const Cost = z
  .object({
    values: z.strictObject({
      quick: z.boolean().default(false),
      publish: z.boolean().default(false),
      'busy-anyway': z.boolean().default(false),
      json: z.string().optional(),
    }),
    positionals: z.union([z.tuple([]), z.tuple([z.enum(['ledger', 'growth'])])]),
  })
  .transform(({ values, positionals: [what = 'whole' as const] }) => ({
    ...values,
    kind: 'cost' as const,
    what,
  }));

const ROUNDS_MAX = 100;
const allLoads = LoadNames.parse(Object.keys(loads));

const Against = z
  .object({
    values: z.strictObject({
      only: z
        .string()
        .transform((text) => text.split(','))
        .pipe(LoadNames)
        .default([...allLoads]),
      rounds: z.coerce.number().int().min(1).max(ROUNDS_MAX).default(5),
      json: z.string().optional(),
    }),
    positionals: z.union([
      z.tuple([z.literal('against')]),
      z.tuple([z.literal('against'), z.string()]),
    ]),
  })
  .transform(({ values, positionals: [what, ref = 'HEAD~1'] }) => ({
    ...values,
    kind: what,
    what,
    ref,
  }));

const Arguments = z.union([Cost, Against]);

const docs = fileURLToPath(new URL('../../docs', import.meta.url));

/** Over what `progress` has left, where somebody looks. */
const overwritten = process.stderr.isTTY ? '\r\x1b[K' : '';
const say = (line: string): void => void process.stderr.write(`${overwritten}${line}\n`);

const PROGRESS_EVERY_MS = 10_000;
let progressAt = Number.NEGATIVE_INFINITY;

/** A line that is written over, where somebody looks; now and then a line, where the output is kept. */
function progress(done: number, all: number, what: string): void {
  const line = `${done} of ${all}  ${what}`;
  if (process.stderr.isTTY) process.stderr.write(`${overwritten}${line}`);
  else if (performance.now() - progressAt > PROGRESS_EVERY_MS) {
    progressAt = performance.now();
    say(line);
  }
}

async function main(): Promise<number> {
  const parsed = Arguments.safeParse(argumentsGiven());
  if (!parsed.success) {
    console.error(USAGE);
    return 2;
  }
  const given = parsed.data;
  // What is compared at the same moment needs no quiet machine.
  const busy = given.kind === 'against' || given['busy-anyway'] ? null : await howBusy();
  if (busy !== null) {
    console.error(`The machine is busy: ${busy}. Nothing was measured.`);
    return 1;
  }
  const ended = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => ended.abort());
  const report = await reportFor(given, ended.signal);
  process.stderr.write(overwritten);
  console.log(report.text);

  const { what, json } = given;
  const file = resolve(json ?? `.local/bench${what === 'whole' ? '' : `-${what}`}.json`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(report.json, null, 2));
  console.log(`\nThe figures are in ${file}`);
  if (given.kind === 'cost' && given.publish && given.what !== 'ledger') {
    publish(docs, report.pages, report.charts);
    console.log(`Tables and charts are in ${docs}`);
  }
  return report.isIncomplete ? 1 : 0;
}

function reportFor(given: z.infer<typeof Arguments>, signal: AbortSignal): Promise<Report> {
  if (given.kind === 'against')
    return against({ ...given, extent: 'whole', say, progress }, signal);
  const what = whatOf(given.what, given.quick ? 'quick' : 'whole');
  return run({ what, say, progress }, signal);
}

const whatOf = (what: 'whole' | 'ledger' | 'growth', extent: 'whole' | 'quick'): Asked['what'] =>
  what === 'growth' ? { kind: 'growth', extent } : { kind: 'cost', plan: what, extent };

function argumentsGiven(): unknown {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        quick: { type: 'boolean' },
        publish: { type: 'boolean' },
        'busy-anyway': { type: 'boolean' },
        only: { type: 'string' },
        rounds: { type: 'string' },
        json: { type: 'string' },
      },
    });
  } catch {
    return null;
  }
}

try {
  process.exitCode = await main();
} catch (cause) {
  const isExplained = cause instanceof CannotStart || cause instanceof EndedEarly;
  console.error(isExplained ? `${overwritten}${cause.message}` : cause);
  // What was still being asked would go on.
  process.exit(1);
}

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { howBusy } from './machine.ts';
import { publish } from './publish.ts';
import { type Asked, run } from './run.ts';

// `npm run bench`: what the gateway costs, beside the least that anything on workerd could, and beside another gateway.

const USAGE = `npm run bench -- [ledger | growth] [--quick] [--publish] [--busy-anyway] [--json <file>]

ledger         what holding and settling cost, against a gateway that does neither
growth         how the cost grows: with requests, streams, bodies, payers, labels, and what waits for Postgres
--quick        in a minute and a half, and rougher
--publish      puts tables and charts into docs; not those of the ledger alone
--busy-anyway  measures also where others use the machine; the figures say so
--json         where the figures go (.local/bench.json, .local/bench-growth.json)`;

const Arguments = z.object({
  values: z.object({
    quick: z.boolean().default(false),
    publish: z.boolean().default(false),
    'busy-anyway': z.boolean().default(false),
    json: z.string().optional(),
  }),
  positionals: z.union([z.tuple([]), z.tuple([z.enum(['ledger', 'growth'])])]),
});

const docs = fileURLToPath(new URL('../../docs', import.meta.url));

/** Over what `progress` has left, where somebody looks. */
const overwritten = process.stderr.isTTY ? '\r\x1b[K' : '';
const say = (line: string): void => void process.stderr.write(`${overwritten}${line}\n`);

/** A line that is written over, where somebody looks; now and then a line, where the output is kept. */
function progress(done: number, all: number, what: string): void {
  if (process.stderr.isTTY) process.stderr.write(`${overwritten}${done} of ${all}  ${what}`);
  else if (done % 10 === 0) process.stderr.write(`${done} of ${all}  ${what}\n`);
}

async function main(): Promise<number> {
  const parsed = Arguments.safeParse(argumentsGiven());
  if (!parsed.success) {
    console.error(USAGE);
    return 2;
  }
  const { values, positionals } = parsed.data;
  const [what = 'whole'] = positionals;
  const busy = await howBusy();
  if (busy !== null && !values['busy-anyway']) {
    console.error(`The machine is busy: ${busy}. Nothing was measured.`);
    return 1;
  }
  const ended = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => ended.abort());
  const report = await run(
    {
      what: whatOf(what, values.quick ? 'quick' : 'whole'),
      say,
      progress,
    },
    ended.signal,
  );
  process.stderr.write(overwritten);
  console.log(report.text);

  const file = resolve(values.json ?? `.local/bench${what === 'whole' ? '' : `-${what}`}.json`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(report.json, null, 2));
  console.log(`\nThe figures are in ${file}`);
  if (values.publish && what !== 'ledger') {
    publish(docs, report.pages, report.charts);
    console.log(`Tables and charts are in ${docs}`);
  }
  return report.isIncomplete ? 1 : 0;
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
  console.error(cause);
  // What was still being asked would go on.
  process.exit(1);
}

import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask } from '@gateway/db/inspect';
import type { Simulator } from '@gateway/local/simulator';
import { type Stack, startStack } from '@gateway/local/stack/stack';
import { bundle } from '@gateway/local/workerd/workers';
import { z } from 'zod';
import { TOKEN_SECRET } from '../support/world.ts';
import { type Controller, startController } from './controller.ts';
import type { Crossing } from './failpoint.ts';
import { ledgerNameOf, newPayer, type Payer } from './payer.ts';

/** A stack whose gateway tells of everything that it asks of the outside, and that can be crashed. */
export type ProofWorld = Omit<Stack, 'simulator'> & {
  readonly simulator: Simulator;
  readonly controller: Controller;
  readonly workerLines: readonly string[];
  /** New ones, with so many dollars each. */
  readonly payers: (kinds: readonly Payer['kind'][], usd: number) => Promise<readonly Payer[]>;
  /** What Postgres has of them, by id. */
  readonly accounts: (payers: readonly string[]) => Promise<ReadonlyMap<string, Account>>;
  /** What is left in a payer's ledger, by id. */
  readonly pending: (payer: Payer) => Promise<readonly unknown[]>;
};

const Account = z.object({
  id: z.string(),
  used: z.number(),
  rows: z.number(),
  charged: z.number(),
});
export type Account = z.infer<typeof Account>;

/** An organisation has its sums twice more: what is left of its balance, and what its members used on each day. */
const ACCOUNTS = `
select u.id, u.microdollars_used as used, count(m.id) as rows, coalesce(sum(m.cost), 0)::bigint as charged
from kilocode_users u left join microdollar_usage m on m.kilo_user_id = u.id and m.organization_id is null
where u.id = any($1) group by u.id
union all
select o.id::text, o.microdollars_used, count(m.id), coalesce(sum(m.cost), 0)::bigint
from organizations o left join microdollar_usage m on m.organization_id = o.id
where o.id::text = any($1)
  and o.microdollars_balance = o.total_microdollars_acquired - o.microdollars_used
  and o.microdollars_used = (
    select coalesce(sum(d.microdollar_usage), 0) from organization_user_usage d where d.organization_id = o.id)
group by o.id`;

const View = z.object({ exchanges: z.array(z.unknown()), errands: z.array(z.unknown()) });

/** Long enough for an exchange that is well, short enough to wait for. */
const LEASE_SECONDS = 4;

/** @param clearings whether each payer has one of their own: then who is held there holds nobody else. */
export async function startProofWorld(clearings: 'own' | 'shared'): Promise<ProofWorld> {
  const folder = mkdtempSync(join(tmpdir(), 'llm-gateway-proof-'));
  // Where this runs as root, the unprivileged Postgres must find its data in there.
  chmodSync(folder, 0o711);
  const controller = await startController();
  const entry = 'test/crash-harness/gateway/index.ts';
  const workerLines: string[] = [];
  const stack = await startStack({
    folder,
    port: 0,
    environment: {
      NEXTAUTH_SECRET_PROD: TOKEN_SECRET,
      LEDGER_LEASE_SECONDS: String(LEASE_SECONDS),
    },
    // What Postgres has confirmed must have survived its crash.
    isDurable: true,
    standIns: { 'llm-gateway': await bundle('llm-gateway', join(folder, 'proof'), entry) },
    standInVars: { PROOF_URL: controller.url, PROOF_CLEARINGS: clearings },
    say: () => undefined,
    onWorkerLine: (line) => workerLines.push(line),
  });
  const { simulator, databaseUrl } = stack;
  if (!simulator) throw new Error('This world needs the simulator.');
  simulator.interpose(async ({ body }, port, phase) => {
    const about = aboutIn(body);
    if (about) await controller.cross({ ...about, place: 'provider', port, phase });
  });
  return {
    ...stack,
    simulator,
    controller,
    workerLines,
    payers: (kinds, usd) => Promise.all(kinds.map((kind) => newPayer(databaseUrl, kind, usd))),
    async accounts(payers) {
      const rows = await ask(databaseUrl, { text: ACCOUNTS, values: [payers] }, Account);
      return new Map(rows.map((row) => [row.id, row]));
    },
    async pending(payer) {
      const response = await fetch(`${stack.url}/proof/ledger/${ledgerNameOf(payer)}`);
      const { exchanges, errands } = View.parse(await response.json());
      return [...exchanges, ...errands];
    },
    async stop() {
      await stack.stop();
      await controller.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const Asked = z.object({ messages: z.array(z.object({ content: z.string() })) });

/** Each request says whose it is and which, so that the provider's log can be read beside the trace. */
export function aboutIn(body: unknown): Pick<Crossing, 'payer' | 'exchange'> | null {
  const [payer = '', exchange = ''] =
    Asked.safeParse(body).data?.messages[0]?.content.split(' ') ?? [];
  return payer === '' ? null : { payer, exchange };
}

/** Only a guard against a test that would wait for ever. */
const WAIT_MS_MAX = 60_000;

export async function until(
  condition: () => Promise<boolean> | boolean,
  what: () => unknown,
): Promise<void> {
  const deadline = performance.now() + WAIT_MS_MAX;
  while (!(await condition())) {
    if (performance.now() > deadline) {
      throw new Error(`This did not come about: ${JSON.stringify(what(), null, 1)}`);
    }
    await sleep(25);
  }
}

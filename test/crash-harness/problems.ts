import { setTimeout as sleep } from 'node:timers/promises';
import type { Expected } from './expected.ts';
import type { Payer } from './payer.ts';
import type { Account, ProofWorld } from './proof-world.ts';

type Check = {
  readonly payer: Payer;
  /** Asked again each time: the provider's log grows while an exchange goes on. */
  readonly expected: () => Expected;
};

/** Only a guard: an orphan's lease and the back-off of the questions about it are over long before. */
const WAIT_MS_MAX = 60_000;

/** Waits until Postgres says of each payer what it must, and the ledgers are empty. By payer, what is wrong even so. */
export async function problemsOf(
  world: ProofWorld,
  checks: readonly Check[],
): Promise<ReadonlyMap<string, string>> {
  const deadline = performance.now() + WAIT_MS_MAX;
  for (;;) {
    const problems = await problemsNow(world, checks);
    if (problems.size === 0 || performance.now() > deadline) return problems;
    await sleep(200);
  }
}

async function problemsNow(
  world: ProofWorld,
  checks: readonly Check[],
): Promise<ReadonlyMap<string, string>> {
  const accounts = await world.accounts(checks.map(({ payer }) => payer.id));
  const problems = new Map<string, string>();
  for (const { payer, expected } of checks) {
    const wrong = await wrongOf(world, {
      payer,
      expected: expected(),
      account: accounts.get(payer.id),
    });
    if (wrong !== null) problems.set(payer.id, wrong);
  }
  return problems;
}

type Seen = {
  readonly payer: Payer;
  readonly expected: Expected;
  readonly account: Account | undefined;
};

async function wrongOf(
  world: ProofWorld,
  { payer, expected, account }: Seen,
): Promise<string | null> {
  const isRight =
    account?.rows === expected.rows &&
    account.used === expected.used &&
    account.charged === expected.used;
  if (!isRight) return `expected ${JSON.stringify(expected)}, found ${JSON.stringify(account)}`;
  const pending = await world.pending(payer);
  return pending.length === 0 ? null : `left in the ledger: ${JSON.stringify(pending)}`;
}

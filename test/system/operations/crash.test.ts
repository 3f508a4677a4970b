import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Told } from '../../crash-harness/controller.ts';
import {
  type Case,
  crash,
  crashAndRepeat,
  healthyTrace,
  type Outcome,
} from '../../crash-harness/crash.ts';
import { type Ending, endings } from '../../crash-harness/endings.ts';
import { type ProofWorld, startProofWorld, until } from '../../crash-harness/proof-world.ts';
import { isOver, startRun } from '../../crash-harness/run.ts';
import { SEED, shuffled } from '../../crash-harness/seed.ts';

// Money is conserved: whatever dies, and wherever it dies, each exchange is settled once, and at its cost. The points are not
// listed by hand: they are what the recorder was told of healthy exchanges. `npm run proof` takes all of them; otherwise
// some are drawn (`PROOF_SEED` draws the same again).

let world: ProofWorld;
let traces: readonly { readonly ending: Ending; readonly told: readonly Told[] }[] = [];
beforeAll(async () => {
  world = await startProofWorld('own');
  // What Postgres sees for the first time, a user agent for instance, takes statements that nobody needs again.
  await Promise.all(endings.map((ending) => healthyTrace(world, ending)));
  traces = await Promise.all(
    endings.map(async (ending) => {
      const once = await healthyTrace(world, ending);
      const again = new Set((await healthyTrace(world, ending)).map(({ point }) => point));
      // Two turns of a ledger may share a commit, or not: such a point comes and goes.
      return { ending, told: once.filter(({ point }) => again.has(point)) };
    }),
  );
});
afterAll(() => world.stop());

const IS_WHOLE = process.env['PROOF_RUNS'] !== undefined;
/** Crashed at once, each exchange at a point of its own. */
const BATCH = 30;
const TRIES_MAX = 3;
/** A part of the points, that a busy machine may keep three exchanges from. */
const MISSED_MAX = 0.1;
const TEST_MS_MAX = 3_600_000;

test.each(['workerd', 'postgres'] as const)(
  'wherever %s is killed, each exchange is settled once and at its cost',
  async (victim) => {
    const all = traces.flatMap(({ ending, told }) =>
      told.map(({ point }) => ({ ending, victim, point })),
    );
    const drawn = IS_WHOLE ? shuffled(all) : shuffled(all).slice(0, BATCH);
    const outcomes = await crashAll((cases) => crash(world, victim, cases), drawn);
    const unmet = expectRight(drawn, outcomes);

    // Once more when all is over: what was right must not have become wrong.
    const accounts = await world.accounts(outcomes.map(({ payer }) => payer));
    const used = sumOf([...accounts.values()].map((account) => account.used));
    expect(used).toBe(sumOf(outcomes.map(({ expected }) => expected.used)));
    console.log(
      `${victim} killed at ${drawn.length - unmet.length} of ${all.length} points: ${used} microdollars of ${outcomes.length} exchanges, none lost, none double (seed ${SEED})`,
    );
  },
  TEST_MS_MAX,
);

test(
  'wherever workerd is killed, who sends a request under a key again gets one whole answer, for one row and one charge',
  async () => {
    const all = traces
      .filter(({ ending }) => ending.name === 'complete, under a key')
      .flatMap(({ ending, told }) =>
        told.map(({ point }) => ({ ending, victim: 'workerd', point }) as const),
      );
    const drawn = IS_WHOLE ? shuffled(all) : shuffled(all).slice(0, BATCH);
    const outcomes = await crashAll((cases) => crashAndRepeat(world, cases), drawn);
    const unmet = expectRight(drawn, outcomes);
    console.log(
      `workerd killed at ${drawn.length - unmet.length} of ${all.length} points of a request that is sent again: ${outcomes.length} whole answers, as many charges (seed ${SEED})`,
    );
  },
  TEST_MS_MAX,
);

/** Returns the points that were not met. */
function expectRight(drawn: readonly Case[], outcomes: readonly Outcome[]): readonly string[] {
  expect(outcomes.filter(({ problem }) => problem !== null).map(described)).toEqual([]);
  const unmet = missed(drawn, outcomes).map(keyOf);
  const isFew = unmet.length <= drawn.length * MISSED_MAX;
  expect(isFew ? [] : unmet).toEqual([]);
  return unmet;
}

test('the points are crossings of every place, down to a commit and a statement', () => {
  const places = new Set(traces.flatMap(({ told }) => told.map(({ place }) => place)));
  expect([...places].toSorted()).toEqual(['clearing', 'client', 'gateway', 'ledger', 'provider']);
  const ports = new Set(traces.flatMap(({ told }) => told.map(({ port }) => port)));
  for (const port of ['holds.hold', 'upstream.send', 'ledger.settle', 'disk', 'statement']) {
    expect(ports).toContain(port);
  }
});

test('an error is no answer: the ledger is given no name to ask the provider for', () => {
  const error = traces.find(({ ending }) => ending.model === 'sim/status~code=500');
  expect(error?.told.map(({ port }) => port)).toContain('ledger.settle');
  expect(error?.told.map(({ port }) => port)).not.toContain('ledger.attach');
});

test('an answer that is not streamed is named in the ledger while it is still on its way', async () => {
  const ending = endings.find(({ isStreamed }) => !isStreamed);
  const [payer] = await world.payers(['user'], 10);
  if (!ending || !payer) throw new Error('Nobody asks.');
  const { controller } = world;
  controller.aim(payer.id, 'provider bytes before 1');
  const run = startRun(world, payer, ending);
  const points = () => controller.told(payer.id).map(({ point }) => point);
  await until(() => points().includes('ledger ledger.attach after 1'), points);
  expect(points()).not.toContain('provider bytes after 1');
  controller.release(() => 'go');
  await until(() => isOver(world, run), points);
});

/** A point that an exchange did not come by is tried again. */
async function crashAll(
  crashing: (cases: readonly Case[]) => Promise<readonly Outcome[]>,
  drawn: readonly Case[],
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    const left = missed(drawn, outcomes);
    for (let at = 0; at < left.length; at += BATCH) {
      outcomes.push(...(await crashing(left.slice(at, at + BATCH))));
    }
  }
  return outcomes;
}

function missed(drawn: readonly Case[], outcomes: readonly Outcome[]): readonly Case[] {
  const hit = new Set(outcomes.filter(({ isHit }) => isHit).map(keyOf));
  return drawn.filter((one) => !hit.has(keyOf(one)));
}

const keyOf = ({ ending, victim, point }: Case): string =>
  `${victim} killed at ${point} of "${ending.name}"`;
const described = (outcome: Outcome): string => `${keyOf(outcome)}: ${outcome.problem}`;
const sumOf = (amounts: readonly number[]): number =>
  amounts.reduce((sum, amount) => sum + amount, 0);

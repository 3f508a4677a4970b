import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask } from '@gateway/db/inspect';
import { z } from 'zod';
import { deliveredTo } from '../../crash-harness/expected.ts';
import { problemsOf } from '../../crash-harness/problems.ts';
import { type ProofWorld, startProofWorld } from '../../crash-harness/proof-world.ts';
import { SEED } from '../../crash-harness/seed.ts';
import { expectedOfAll, requestsOf, storm } from '../../crash-harness/storm.ts';

// `npm run proof` makes this long. `PROOF_SEED` draws the same requests again.

let world: ProofWorld;
beforeAll(async () => {
  world = await startProofWorld('shared');
});
afterAll(() => world.stop());

const IS_WHOLE = process.env['PROOF_RUNS'] !== undefined;
const REQUESTS = IS_WHOLE ? 2_000 : 150;
const PAYERS = 20;
const AT_ONCE = 50;
const KILLS = IS_WHOLE ? 5 : 1;
const TEST_MS_MAX = 1_800_000;

test(
  `${REQUESTS} requests that are left, cut, stalled, refused and told of twice, over a Postgres that dies: nothing lost, nothing double`,
  async () => {
    const kinds = Array.from({ length: PAYERS }, (_, n) => (n % 4 === 0 ? 'organization' : 'user'));
    const payers = await world.payers(kinds, 10);
    const requests = requestsOf(payers, REQUESTS);
    const killEvery = Math.ceil(REQUESTS / (KILLS + 1));
    const { kills } = await storm(world, requests, { atOnce: AT_ONCE, killEvery });
    const checks = payers.map((payer) => ({
      payer,
      expected: () =>
        expectedOfAll(
          world.controller.told(payer.id),
          deliveredTo(world.simulator, payer.id),
          requests.filter((request) => request.payer === payer).map(({ exchange }) => exchange),
        ),
    }));
    const problems = await problemsOf(world, checks);
    expect([...problems]).toEqual([]);
    expect(kills).toBe(KILLS);

    const text = `select count(*) as rows, sum(cost)::bigint as used, min(cost) as least from microdollar_usage`;
    const Sums = z.object({ rows: z.number(), used: z.number(), least: z.number() });
    const [sums] = await ask(world.databaseUrl, { text }, Sums);
    const expected = checks.map((check) => check.expected());
    expect(sums).toEqual({
      rows: expected.reduce((sum, { rows }) => sum + rows, 0),
      used: expected.reduce((sum, { used }) => sum + used, 0),
      least: 0,
    });
    console.log(
      `${sums?.rows} exchanges, ${sums?.used} microdollars, ${kills} kills, seed ${SEED}`,
    );
  },
  TEST_MS_MAX,
);

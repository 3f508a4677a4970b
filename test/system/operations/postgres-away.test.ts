import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { ask } from '@gateway/db/inspect';
import {
  type InterruptibleWorld,
  startInterruptibleWorld,
} from '../../support/interruptible-world.ts';
import type { World } from '../../support/world.ts';

let world: InterruptibleWorld;
beforeAll(async () => {
  world = await startInterruptibleWorld();
});
afterAll(() => world.stop());

const body = { model: 'sim/answer', messages: [{ role: 'user', content: 'Hello' }] };
const free = { ...body, model: 'minimax/minimax-m2.5:free' };

const statusOf = async (asked: Parameters<World['ask']>[0]): Promise<number> => {
  const response = await world.ask(asked);
  await response.text();
  return response.status;
};
const freeRows = () =>
  ask(
    world.databaseUrl,
    { text: `select created_at from microdollar_usage where kilo_user_id like 'anon:%'` },
    z.object({ created_at: z.coerce.date() }),
  );

/** How long it is away. A minute where the size of the proof is asked for. */
const AWAY_MS = process.env['PROOF_RUNS'] === undefined ? 3_000 : 60_000;
const CALLERS = 4;
/** A ledger that was refused asks again within half a minute. */
const LANDED_MS_MAX = 60_000;

test.each(['refuse', 'hang'] as const)(
  'while Postgres is away (%s), who is known goes on, strangers wait, and what is owed lands afterwards',
  async (how) => {
    const known = await world.newcomer(10);
    const stranger = await world.newcomer(10);
    expect(await statusOf({ token: known.token, body })).toBe(200);
    await known.rows(1);
    const freeBefore = (await freeRows()).length;

    const startedAt = Date.now();
    world.postgres[how]();
    const load = Array.from({ length: CALLERS }, async () => {
      const statuses: number[] = [];
      while (Date.now() - startedAt < AWAY_MS) {
        statuses.push(await statusOf({ token: known.token, body }));
      }
      return statuses;
    });
    const anonymous = await statusOf({ body: free });
    const turnedAway = await world.ask({ token: stranger.token, body });
    const statuses = (await Promise.all(load)).flat();
    const endedAt = Date.now();
    world.postgres.restore();

    expect(new Set(statuses)).toEqual(new Set([200]));
    expect(anonymous).toBe(200);
    expect(turnedAway.status).toBe(503);
    expect(turnedAway.headers.get('retry-after')).toBe('5');
    const rows = await known.rows(1 + statuses.length);
    expect(rows).toHaveLength(1 + statuses.length);
    const costs = rows.map(({ cost }) => cost);
    expect(costs.every((cost) => cost > 0)).toBe(true);
    await expect
      .poll(known.used, { timeout: LANDED_MS_MAX })
      .toBe(costs.reduce((sum, cost) => sum + cost, 0));
    // Each counts when it was made, not when it could be written.
    for (const { created_at } of rows.slice(1)) {
      const at = z.coerce.date().parse(created_at).getTime();
      expect(at).toBeGreaterThanOrEqual(startedAt);
      expect(at).toBeLessThanOrEqual(endedAt);
    }
    const freeCount = async () => (await freeRows()).length;
    await expect.poll(freeCount, { timeout: LANDED_MS_MAX }).toBe(freeBefore + 1);
    expect(await stranger.rows(0)).toEqual([]);
  },
  5 * 60_000,
);

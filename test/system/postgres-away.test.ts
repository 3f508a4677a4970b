import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { ask } from '@gateway/db/inspect';
import { type Interruptible, interruptible } from '../support/interruptible.ts';
import { startWorld, type World } from '../support/world.ts';

let world: World;
let postgres: Interruptible;
beforeAll(async () => {
  world = await startWorld(
    {},
    {
      async between(server) {
        postgres = await interruptible(server);
        return postgres.port;
      },
    },
  );
});
afterAll(async () => {
  await world.stop();
  await postgres.close();
});

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

test.each(['refuse', 'hang'] as const)(
  'while Postgres is away (%s), who is known goes on, strangers wait, and what is owed lands afterwards',
  async (how) => {
    const known = await world.newcomer(10);
    const stranger = await world.newcomer(10);
    expect(await statusOf({ token: known.token, body })).toBe(200);
    await known.rows(1);
    const freeBefore = (await freeRows()).length;
    const startedAt = Date.now();

    postgres[how]();
    const paid = await Promise.all(
      Array.from({ length: 5 }, () => statusOf({ token: known.token, body })),
    );
    const anonymous = await statusOf({ body: free });
    const turnedAway = await world.ask({ token: stranger.token, body });
    const endedAt = Date.now();
    postgres.restore();

    expect(paid).toEqual([200, 200, 200, 200, 200]);
    expect(anonymous).toBe(200);
    expect(turnedAway.status).toBe(503);
    expect(turnedAway.headers.get('retry-after')).toBe('5');
    const rows = await known.rows(6);
    expect(rows).toHaveLength(6);
    const costs = rows.map(({ cost }) => cost);
    expect(costs.every((cost) => cost > 0)).toBe(true);
    await expect.poll(known.used).toBe(costs.reduce((sum, cost) => sum + cost, 0));
    for (const { created_at } of rows.slice(1)) {
      const at = z.coerce.date().parse(created_at).getTime();
      expect(at).toBeGreaterThanOrEqual(startedAt);
      expect(at).toBeLessThanOrEqual(endedAt);
    }
    await expect.poll(async () => (await freeRows()).length).toBe(freeBefore + 1);
    expect(await stranger.rows(0)).toEqual([]);
  },
);

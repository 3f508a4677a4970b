import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startWorld, untilRows, type World } from '../../support/world.ts';

const secret = randomBytes(32).toString('base64url');
let world: World;
beforeAll(async () => {
  world = await startWorld({ CLIENT_ADDRESS: 'forwarded', CLIENT_ADDRESS_SECRET: secret });
});
afterAll(() => world.stop());

const EGRESS = '192.0.2.200';
const body = {
  model: 'minimax/minimax-m2.5:free',
  messages: [{ role: 'user', content: 'Hello!' }],
};
async function statusOf(address: string, given = secret): Promise<number> {
  const headers = {
    'x-forwarded-for': EGRESS,
    'x-gateway-client-address': address,
    'x-gateway-client-address-secret': given,
  };
  const response = await world.ask({ body, headers });
  await response.text();
  return response.status;
}

test('people behind one server each have the free uses of their own address', async () => {
  const ask = (address: string, times: number) =>
    Promise.all(Array.from({ length: times }, () => statusOf(address)));
  const first = await ask('2001:db8:0:1::1', 201);
  expect(first.filter((status) => status === 200)).toHaveLength(200);
  // Of the same /64, and so the same customer of a network.
  expect(await statusOf('2001:db8:0:1:ffff::2')).toBe(429);
  expect(await statusOf('2001:db8:0:2::1')).toBe(200);
  expect(await statusOf('2001:db8:0:1::1', 'wrong')).toBe(200);
  const text = `select ip_address as address, count(*)::int as uses from free_model_usage
    group by 1 having (select count(*) from free_model_usage) = 202 order by 1`;
  expect(await untilRows(world.databaseUrl, text)).toEqual([
    { address: EGRESS, uses: 1 },
    { address: '2001:db8:0:1::1', uses: 200 },
    { address: '2001:db8:0:2::1', uses: 1 },
  ]);
  for (const { rawBody, headers } of world.simulator.log()) {
    expect(`${rawBody}${JSON.stringify(headers)}`).not.toContain(secret);
  }
});

test('an address that a trusted server got wrong is not replaced by its own', async () => {
  expect(await statusOf('unknown')).toBe(400);
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundle } from '@gateway/local/workerd/workers';
import { UserId } from '@gateway/worker-utils/ids';
import { signKiloToken } from '@gateway/worker-utils/kilo-token';
import { Instant } from '@gateway/worker-utils/time';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startWorld, TOKEN_SECRET, type World } from '../../support/world.ts';

const IN_PROMOTION = 'workers/llm-gateway/src/testing/in-promotion.ts';

let world: World;
const folder = mkdtempSync(join(tmpdir(), 'llm-gateway-promotion-'));
beforeAll(async () => {
  const module = await bundle('llm-gateway', folder, IN_PROMOTION);
  world = await startWorld({}, { standIns: { 'llm-gateway': module } });
});
afterAll(async () => {
  await world.stop();
  rmSync(folder, { recursive: true, force: true });
});

const body = {
  model: 'anthropic/claude-sonnet-4.6',
  messages: [{ role: 'user', content: 'Hello' }],
};

test('what an active promotion pays for costs its caller nothing, with and without credit; the row keeps its worth', async () => {
  for (const balance of [10, 0]) {
    const { id, pepper, rows, used } = await world.newcomer(balance);
    const claims = { kiloUserId: UserId.parse(id), apiTokenPepper: pepper };
    const token = await signKiloToken({ ...claims, tokenSource: 'cloud-agent' }, TOKEN_SECRET, {
      now: Instant.parse(Date.now()),
      expiresInSeconds: 3600,
    });
    const response = await world.ask({ token, body });
    expect(response.status).toBe(200);
    expect(await response.text()).not.toMatch(/"cost"|cost_details|is_byok/);
    const worth = Math.round((world.simulator.log().at(-1)?.cost ?? 0) * 1_000_000);
    expect(worth).toBeGreaterThan(0);
    expect(await rows(1)).toMatchObject([{ cost: 0, market_cost: worth, has_error: false }]);
    expect(await used()).toBe(0);
  }
});

test('whoever the promotion is not for pays, on the same day', async () => {
  const payer = await world.newcomer(10);
  await (await world.ask({ token: payer.token, body })).text();
  const [row] = await payer.rows(1);
  expect(row?.cost).toBeGreaterThan(0);
  await expect.poll(payer.used).toBe(row?.cost);
});

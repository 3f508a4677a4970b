import { afterAll, beforeAll, expect, test } from 'vitest';
import { startWorld, type World } from '../../support/world.ts';

/** The catalogue prices it at nothing, and the simulator charges for it. */
const CHARGED = 'vendor/charged:free';
const messages = [{ role: 'user', content: 'Hello!' }];

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

async function asked(body: object, token?: string) {
  const response = await world.ask({
    body: { model: CHARGED, messages, ...body },
    ...(token !== undefined && { token }),
  });
  return { status: response.status, text: await response.text() };
}

const admin = async (path: string, method: string): Promise<unknown> => {
  const authorization = `Bearer ${world.adminTokens.gateway}`;
  const response = await fetch(`${world.url}/admin/suspended-models${path}`, {
    method,
    headers: { authorization },
  });
  return response.json();
};

const told = (message: string) => world.workerLines.filter((line) => line.includes(message)).length;

test('suspends a free model that its provider charges for, until an operator clears it', async () => {
  const { token } = await world.newcomer(10);
  const answers = [await asked({ stream: true }), await asked({}), await asked({}, token)];
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  await expect.poll(() => told('A free model is suspended')).toBe(1);
  expect(told('A provider has charged for a free model')).toBe(3);

  const before = world.simulator.log().length;
  for (const caller of [undefined, token]) {
    const refused = await asked({}, caller);
    expect(refused.status).toBe(404);
    expect(refused.text).toContain('not available for free at the moment');
  }
  expect(world.simulator.log()).toHaveLength(before);
  expect(await asked({ model: 'vendor/model:free' })).toMatchObject({ status: 200 });
  // With a fallback that has a price, the caller pays whichever model answers.
  expect(await asked({ models: ['sim/answer'] }, token)).toMatchObject({ status: 200 });

  expect(await admin('', 'GET')).toMatchObject({ models: [{ model: CHARGED }] });
  expect(await admin(`/${encodeURIComponent(CHARGED)}`, 'DELETE')).toEqual({ models: [] });
  const statusNow = async () => (await asked({})).status;
  await expect.poll(statusNow, { timeout: 20_000, interval: 500 }).toBe(200);
}, 60_000);

test('counts what a provider charged for answers whose clients had left', async () => {
  const model = 'sim/answer~tokens=300~delay=20:free';
  for (let n = 0; n < 3; n += 1) {
    const leaving = new AbortController();
    const body = { model, messages, stream: true };
    const response = await world.ask({ body, signal: leaving.signal });
    await response.body?.getReader().read();
    leaving.abort();
  }
  const listed = () => admin('', 'GET');
  await expect.poll(listed, { timeout: 40_000 }).toMatchObject({ models: [{ model }] });
  expect((await asked({ model })).status).toBe(404);
}, 60_000);

test('hides suspended models from callers without the admin token', async () => {
  const response = await fetch(`${world.url}/admin/suspended-models`);
  expect(response.status).toBe(404);
});

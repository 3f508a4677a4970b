import { afterAll, beforeAll, expect, test } from 'vitest';
import { startWorld, type World } from '../../support/world.ts';

// A request names a model with at most 256 printable characters, on every path that takes a name.

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

const messages = [{ role: 'user', content: 'Hello!' }];
const invalid = {
  error: 'Invalid model name',
  message: 'A model name must be at most 256 printable characters.',
};
const LONGEST = `sim/answer~${'x'.repeat(245)}`;

type Path = { readonly path: string; readonly prefix: string; readonly isKeyed?: true };
const paths: readonly Path[] = [
  { path: '/api/openrouter/chat/completions', prefix: 'sim/' },
  { path: '/api/gateway/chat/completions', prefix: 'kilo/' },
  { path: '/api/openrouter/chat/completions', prefix: 'kilo-internal/', isKeyed: true },
  { path: '/api/fim/completions', prefix: 'codestral-' },
];

test.each(paths)('$path rejects a name that is too long or not printable', async (tested) => {
  const { path, prefix, isKeyed } = tested;
  const person = await world.newcomer(10);
  const calls = world.simulator.log().length;
  for (const model of [prefix + 'x'.repeat(257 - prefix.length), `${prefix}x\u0000y`]) {
    for (const token of [person.token, undefined]) {
      const headers = isKeyed ? { 'idempotency-key': crypto.randomUUID() } : {};
      const body = { model, messages, prompt: 'a' };
      const response = await world.ask({
        path,
        body,
        headers,
        ...(token !== undefined && { token }),
      });
      expect(response.status).toBe(400);
      expect(await response.json()).toEqual(invalid);
    }
  }
  expect(world.simulator.log()).toHaveLength(calls);
  expect(await person.rows(0)).toEqual([]);
});

test('rejects such a name in a list of fallbacks, and under /api/v1 in the shape of OpenRouter', async () => {
  const { token } = await world.newcomer(10);
  const body = { model: 'sim/answer', models: ['sim/answer', 'x'.repeat(257)], messages };
  const response = await world.ask({ path: '/api/v1/chat/completions', token, body });
  expect(response.status).toBe(400);
  expect(await response.json()).toEqual({ error: { code: 400, message: invalid.message } });
});

test('writes no long line to the log for a name of seven megabytes', async () => {
  const { token } = await world.newcomer(10);
  const response = await world.ask({ token, body: { model: 'x'.repeat(7_000_000), messages } });
  expect(response.status).toBe(400);
  expect(Math.max(...world.workerLines.map((line) => line.length))).toBeLessThan(10_000);
});

test('serves a name of 256 characters, and keeps it whole in the row', async () => {
  const person = await world.newcomer(10);
  const response = await world.ask({ token: person.token, body: { model: LONGEST, messages } });
  await response.text();
  const [row] = await person.rows(1);
  expect(LONGEST).toHaveLength(256);
  expect(row?.requested_model).toBe(LONGEST);
});

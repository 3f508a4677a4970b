import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundle } from '@gateway/local/workerd/workers';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../support/launcher.ts';
import { startWorld, type World } from '../../support/world.ts';

// What isolates tell one another of a gateway that fails. The test plays a second isolate.

const SECOND_ISOLATE = 'workers/llm-gateway/src/testing/shared-circuits.ts';

let world: World;
const folder = mkdtempSync(join(tmpdir(), 'llm-gateway-circuits-'));
beforeAll(async () => {
  const module = await bundle('llm-gateway', folder, SECOND_ISOLATE);
  world = await startWorld({}, { standIns: { 'llm-gateway': module } });
});
afterAll(async () => {
  await world.stop();
  rmSync(folder, { recursive: true, force: true });
});
afterEach(() => world.simulator.reset());

/** What the object of a model at OpenRouter knows, once it was told something, or nothing new. */
async function known(model: string, news: string | null = null): Promise<string> {
  const response = await world.ask({
    path: '/testing/circuits',
    body: { place: `platform openrouter ${model}`, news },
  });
  return response.text();
}

/** Asks for a model, and says which gateway answered. */
async function answeredBy(model: string): Promise<string | null> {
  const { token } = await world.newcomer(10);
  const messages = [{ role: 'user', content: 'Hello!' }];
  const response = await world.ask({ token, body: { model, messages, stream: true } });
  await response.text();
  return response.headers.get('x-gateway-provider');
}

/** The gateways that were asked for a model, in order. */
const askedFor = (asked: string): string =>
  world.simulator
    .log()
    .filter(({ model }) => model === asked)
    .map(({ path }) => (path.startsWith('/api/') ? 'openrouter' : 'vercel'))
    .join(' ');

test('that a gateway keeps failing for a model is known beyond its isolate, and so is that it is back', async () => {
  const model = 'maker/shared';
  world.simulator.stand({ scenario: 'status~code=503', base: 'api' });
  for (let count = 0; count < 2; count += 1) await answeredBy(model);
  expect(await known(model)).toContain('nothing');
  await answeredBy(model);
  await eventually(async () => (await known(model)).includes('open'), 'the news');
  world.simulator.stand({ scenario: null });
  await eventually(async () => (await answeredBy(model)) === 'openrouter', 'its traffic');
  await eventually(async () => (await known(model)).includes('closed'), 'the news');
});

test('one failure here is enough for what another isolate has found out', async () => {
  world.simulator.stand({ scenario: 'status~code=503', base: 'api' });
  let trial = 0;
  // Nobody waits for the word of the other one: it may come after the second request.
  await eventually(async () => {
    const model = `maker/found-out-${(trial += 1)}`;
    await known(model, 'opened');
    expect(await answeredBy(model)).toBe('vercel');
    expect(await answeredBy(model)).toBe('vercel');
    return askedFor(model) === 'openrouter vercel vercel';
  }, 'the word of the other one');
});

test('a gateway that answers here is asked, whatever another isolate says', async () => {
  const model = 'maker/well-here';
  for (let count = 0; count < 3; count += 1) {
    await known(model, 'opened');
    expect(await answeredBy(model)).toBe('openrouter');
  }
});

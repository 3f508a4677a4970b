import { setTimeout as sleep } from 'node:timers/promises';
import type { Delivered } from '@gateway/local/simulator';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../../support/launcher.ts';
import { slowClient } from '../../support/slow-client.ts';
import { startWorld, type World } from '../../support/world.ts';

// Clients that leave, and clients that hardly read.

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());
afterEach(() => world.simulator.stand({ scenario: null }));

const messages = [{ role: 'user', content: 'Hello' }];
const PASSED_ON = 'maker/model';
const REWRITTEN = 'minimax/minimax-m2.5:free';

async function begun(scenario: string, body: { readonly model: string; stream: boolean }) {
  world.simulator.stand({ scenario, requests: 1 });
  const before = world.simulator.log().length;
  const person = await world.newcomer(10);
  const leaving = new AbortController();
  const request = { token: person.token, body: { messages, ...body }, signal: leaving.signal };
  // Who leaves before the headers gets no response.
  const responding = world.ask(request).catch(() => null);
  await eventually(() => world.simulator.log().length > before, 'the call to the provider');
  const { sequence } = lastDelivered();
  return { person, leaving, responding, sequence };
}
function lastDelivered(): Delivered {
  const entry = world.simulator.log().at(-1);
  if (!entry) throw new Error('Nothing was delivered.');
  return entry;
}

/** Reads events until there are so many; whoever reads none waits for the headers alone. */
async function read(response: Response | null, events: number): Promise<void> {
  const reader = response?.body?.getReader();
  const decoder = new TextDecoder();
  let text = '';
  while (text.split('\n\ndata: ').length <= events) {
    const chunk = await reader?.read();
    if (!chunk || chunk.done || !(chunk.value instanceof Uint8Array))
      throw new Error('The answer was shorter than that.');
    text += decoder.decode(chunk.value, { stream: true });
  }
}

// A client that closes its side may still want to read: only the next byte that is sent to it tells that it is gone. On
// Cloudflare, the edge knows at once.

const DELAY_MS = 50;
/** From the next byte that it sends, a provider is told within a second. */
const TOKENS_AFTER_MAX = 1 + 1000 / DELAY_MS;

describe.each([PASSED_ON, REWRITTEN])('a client of %s that leaves', (model) => {
  const microdollars = (usd: number) => (model === PASSED_ON ? Math.round(usd * 1_000_000) : 0);

  test.each([
    ['before the headers', `answer~headers=500~tokens=1000~delay=${DELAY_MS}`, null],
    ['before the first event', `answer~first=500~tokens=1000~delay=${DELAY_MS}`, 0],
    ['after the first event', `answer~tokens=1000~delay=${DELAY_MS}`, 1],
    ['in the middle', `answer~tokens=1000~delay=${DELAY_MS}`, 10],
  ])('%s ends the call, and is charged what the provider took', async (_when, scenario, events) => {
    const asked = await begun(scenario, { model, stream: true });
    if (events !== null) await read(await asked.responding, events);
    const { tokens } = lastDelivered();
    asked.leaving.abort();
    const delivered = await world.simulator.ended(asked.sequence);
    expect(delivered.ending).toBe('client-left');
    expect(delivered.tokens - tokens).toBeLessThanOrEqual(TOKENS_AFTER_MAX);
    const cost = microdollars(delivered.cost);
    await eventually(async () => (await asked.person.used()) === cost, 'the charge');
    expect(await asked.person.rows(1)).toMatchObject([{ has_error: true, cost }]);
  });

  test('before the last event, but after all was said, is charged the cost that was told', async () => {
    const scenario = 'stall~after=12~of=12~ms=500~then=resume';
    const asked = await begun(scenario, { model, stream: true });
    await read(await asked.responding, 12);
    asked.leaving.abort();
    const delivered = await world.simulator.ended(asked.sequence);
    const cost = microdollars(delivered.cost);
    await eventually(async () => (await asked.person.used()) === cost, 'the charge');
    expect(await asked.person.rows(1)).toMatchObject([
      { cost, output_tokens: 12, finish_reason: 'stop', has_error: false },
    ]);
  });

  test('while its JSON is made is charged for it', async () => {
    const asked = await begun('answer~first=500', { model, stream: false });
    asked.leaving.abort();
    const delivered = await world.simulator.ended(asked.sequence);
    const cost = microdollars(delivered.cost);
    await eventually(async () => (await asked.person.used()) === cost, 'the charge');
    expect(await asked.person.rows(1)).toMatchObject([{ cost }]);
  });
});

describe.each([PASSED_ON, REWRITTEN])('a client of %s that hardly reads', (model) => {
  test('gets everything in the end, and is not taken for a stall', async () => {
    world.simulator.stand({ scenario: 'huge~mb=24', requests: 1 });
    const before = world.simulator.log().length;
    const person = await world.newcomer(10);
    const body = { model, messages, stream: true };
    const socket = slowClient({ url: world.url, token: person.token, body });
    for (let kilobytes = 0; kilobytes < 4; kilobytes += 1) {
      await sleep(1000);
      socket.read(1024);
    }
    expect(world.simulator.log().length).toBe(before + 1);
    const { sequence } = lastDelivered();

    let received = 0;
    for await (const chunk of socket) received += Buffer.from(chunk).byteLength;
    expect((await world.simulator.ended(sequence)).ending).toBe('complete');
    expect(received).toBeGreaterThan(24 * 1024 * 1024);
    expect(await person.rows(1)).toMatchObject([{ has_error: false, finish_reason: 'stop' }]);
  });
});

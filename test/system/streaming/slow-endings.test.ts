import { sseOf } from '@gateway/local/simulator';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../../support/launcher.ts';
import { startWorld, type World } from '../../support/world.ts';

// What takes as long here as it does in production. All at once: they wait, and nothing else.

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

const messages = [{ role: 'user', content: 'Hello' }];
const ERROR = 'The provider ended the answer before it was complete.';
/** Free models of different providers: each is told apart what to play. */
const REWRITTEN = 'corethink:free';
const REWRITTEN_JSON = 'giga-potato';

async function asked(body: { readonly model: string; readonly stream?: boolean }) {
  const person = await world.newcomer(10);
  const response = await world.ask({ token: person.token, body: { messages, ...body } });
  return { person, response };
}
const deliveredFor = (model: string) => {
  const entry = world.simulator.log().find((delivered) => delivered.model === model);
  if (!entry) throw new Error('Nothing was delivered.');
  return entry;
};

describe.concurrent('an upstream', () => {
  test('that falls silent for 25 seconds has ended its answer too early', async () => {
    const model = 'sim/stall~after=3:nitro';
    const { person, response } = await asked({ model, stream: true });
    const text = await response.text();
    expect(text).toContain(ERROR);
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
    const { ending, cost } = await world.simulator.ended(deliveredFor(model).sequence);
    expect(ending).toBe('client-left');
    expect(await person.rows(1)).toMatchObject([{ has_error: true, cancelled: false }]);
    // What it took until then is looked up, and charged.
    const charge = Math.round(cost * 1_000_000);
    await eventually(async () => (await person.used()) === charge, 'the charge');
  });

  test('that does so with a free model has, too', async () => {
    world.simulator.stand({ scenario: 'stall~after=3', base: 'corethink', requests: 1 });
    const { person, response } = await asked({ model: REWRITTEN, stream: true });
    const text = await response.text();
    expect(text).toContain(ERROR);
    expect(text.match(/\[DONE\]/g)).toHaveLength(1);
    expect(await person.rows(1)).toMatchObject([{ has_error: true, cancelled: false }]);
  });

  test.each(['sim/stall~after=3~ms=20000~then=resume', 'sim/answer~first=20000'])(
    'that falls silent for 20 seconds is waited for (%s)',
    async (model) => {
      const { response } = await asked({ model, stream: true });
      const bytes = Buffer.from(await response.arrayBuffer());
      expect(bytes.equals(sseOf(deliveredFor(model)))).toBe(true);
    },
  );

  test('that takes more than 20 seconds for its JSON is passed on as it comes', async () => {
    const model = 'sim/answer~tokens=24~delay=1000~comments=1';
    const { person, response } = await asked({ model });
    expect(response.status).toBe(200);
    expect(deliveredFor(model).ending).toBe('open');
    const text = await response.text();
    const { bytesWritten } = deliveredFor(model);
    expect(Buffer.byteLength(text)).toBe(bytesWritten);
    expect(JSON.parse(text)).toMatchObject({ model });
    expect(await person.rows(1)).toMatchObject([{ has_error: false, output_tokens: 24 }]);
  });

  test('that takes so long with a free model is kept alive until its JSON can be shown', async () => {
    const scenario = 'answer~tokens=24~delay=1000~comments=1';
    world.simulator.stand({ scenario, base: 'gigapotato', requests: 1 });
    const { person, response } = await asked({ model: REWRITTEN_JSON });
    expect(response.status).toBe(200);
    const text = await response.text();
    expect(text).toMatch(/^\n+\{/);
    expect(JSON.parse(text)).toMatchObject({ model: REWRITTEN_JSON });
    expect(await person.rows(1)).toMatchObject([{ has_error: false, output_tokens: 24 }]);
  });

  test('that takes so long is ended by a client that leaves then', async () => {
    const model = 'sim/answer~tokens=600~delay=1000~comments=1';
    const person = await world.newcomer(10);
    const leaving = new AbortController();
    const body = { model, messages };
    const response = await world.ask({ token: person.token, body, signal: leaving.signal });
    expect(response.status).toBe(200);
    leaving.abort();
    const { cost, ending } = await world.simulator.ended(deliveredFor(model).sequence);
    expect(ending).toBe('client-left');
    expect(await person.rows(1)).toMatchObject([{ has_error: true, cancelled: true }]);
    const charge = Math.round(cost * 1_000_000);
    await eventually(async () => (await person.used()) === charge, 'the charge');
  });

  test('that takes so long, and breaks off, is a transfer that breaks off', async () => {
    const { person, response } = await asked({
      model: 'sim/cut~tokens=22~delay=1000~comments=1',
    });
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow('terminated');
    expect(await person.rows(1)).toMatchObject([{ has_error: true }]);
  });
});

describe('an answer in JSON of more than 16 MiB', () => {
  test('is passed on, byte for byte', async () => {
    const model = 'sim/huge~mb=17';
    const { response } = await asked({ model });
    expect((await response.arrayBuffer()).byteLength).toBe(deliveredFor(model).bytesWritten);
  });

  test('can not be rewritten, and breaks off', async () => {
    world.simulator.stand({ scenario: 'huge~mb=17', base: 'gigapotato', requests: 1 });
    const { person, response } = await asked({ model: REWRITTEN_JSON });
    await expect(response.text()).rejects.toThrow('terminated');
    expect(await person.rows(1)).toMatchObject([{ has_error: true }]);
  });
});

import { sseOf } from '@gateway/local/simulator';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../../support/launcher.ts';
import { startWorld, type World } from '../../support/world.ts';

// How an answer ends, and what the client and the books are told of it.

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());
afterEach(() => world.simulator.stand({ scenario: null }));

const messages = [{ role: 'user', content: 'Hello' }];
const ERROR = 'The provider ended the answer before it was complete.';
const PASSED_ON = 'maker/model';
const REWRITTEN = 'minimax/minimax-m2.5:free';

async function answered(scenario: string, body: { readonly model: string; stream: boolean }) {
  world.simulator.stand({ scenario });
  const person = await world.newcomer(10);
  const response = await world.ask({ token: person.token, body: { messages, ...body } });
  const bytes = Buffer.from(await response.arrayBuffer());
  const delivered = world.simulator.log().at(-1);
  if (!delivered) throw new Error('Nothing was delivered.');
  const costsUsd = Math.round(delivered.cost * 1_000_000);
  return { person, response, bytes, text: bytes.toString(), delivered, costsUsd };
}
const eventsIn = (text: string): readonly string[] =>
  text.split(/\n\n|\r\n\r\n/).flatMap((event) => (event.startsWith('data: ') ? [event] : []));
const jsonIn = (event = ''): unknown => JSON.parse(event.slice('data: '.length));
const errorEvent = (model: string) => ({
  object: 'chat.completion.chunk',
  model,
  error: { code: 502, message: ERROR },
  choices: [{ index: 0, delta: { content: '' }, finish_reason: 'error' }],
});

/** So much of the answer that only `[DONE]` is missing. */
async function bytesWithoutDone(model: string): Promise<number> {
  const { delivered } = await answered('answer~seed=5', { model, stream: true });
  return delivered.bytesWritten - 'data: [DONE]\n\n'.length;
}

describe('a stream that is complete', () => {
  test.each(['answer', 'answer~done=no', 'answer~choices=3', 'tool', 'no-usage'])(
    'gets nothing added (%s)',
    async (scenario) => {
      const { bytes, delivered, person } = await answered(scenario, {
        model: PASSED_ON,
        stream: true,
      });
      expect(bytes.equals(sseOf(delivered))).toBe(true);
      expect(await person.rows(1)).toMatchObject([{ has_error: false, streamed: true }]);
    },
  );

  test.each(['cut', 'reset'])('is complete also where a %s takes its end', async (fault) => {
    const at = await bytesWithoutDone(PASSED_ON);
    const scenario = `${fault}~seed=5~at=${at}`;
    const { bytes, person } = await answered(scenario, { model: PASSED_ON, stream: true });
    expect(bytes.byteLength).toBe(at);
    expect(await person.rows(1)).toMatchObject([{ has_error: false, finish_reason: 'stop' }]);
  });

  test.each(['answer', 'answer~done=no', 'answer~unterminated', 'reset'])(
    'of a free model ends once, whatever the upstream did (%s)',
    async (scenario) => {
      const at = scenario === 'reset' ? `~seed=5~at=${await bytesWithoutDone(REWRITTEN)}` : '';
      const played = await answered(`${scenario}${at}`, { model: REWRITTEN, stream: true });
      expect(played.text.endsWith('data: [DONE]\n\n')).toBe(true);
      expect(played.text.match(/\[DONE\]/g)).toHaveLength(1);
      expect(played.text).not.toContain('"error"');
      expect(await played.person.rows(1)).toMatchObject([{ has_error: false }]);
    },
  );
});

describe('a stream that fails by its own words', () => {
  test.each(['alone', 'chunk'])('gets nothing added (%s)', async (shape) => {
    const scenario = `error~after=3~shape=${shape}`;
    const { person, text, delivered } = await answered(scenario, {
      model: PASSED_ON,
      stream: true,
    });
    expect(Buffer.byteLength(text)).toBe(delivered.bytesWritten);
    expect(text).not.toContain(ERROR);
    expect(await person.rows(1)).toMatchObject([{ has_error: true }]);
  });

  test.each(['alone', 'chunk'])('of a free model ends with them (%s)', async (shape) => {
    const scenario = `error~after=3~shape=${shape}`;
    const { person, text } = await answered(scenario, { model: REWRITTEN, stream: true });
    const events = eventsIn(text);
    expect(jsonIn(events.at(-2))).toHaveProperty('error');
    expect(jsonIn(events.at(-2))).toHaveProperty('choices');
    expect(events.at(-1)).toBe('data: [DONE]');
    expect(text).not.toContain(ERROR);
    expect(text).not.toContain('user_id');
    expect(await person.rows(1)).toMatchObject([{ has_error: true }]);
  });
});

describe('a stream that ends too early says so, and costs what the provider took for it', () => {
  test.each([
    'cut~after=6~of=12',
    'cut~after=6~of=12~end=fin',
    'cut~after=6~of=12~framing=close',
    'reset~after=6~of=12',
    'cut~at=700',
    'reset~at=701~text=multibyte',
    'cut~at=702~crlf',
    'cut~at=20',
    'answer~finish=no~done=no',
  ])('%s', async (scenario) => {
    const asked = { model: PASSED_ON, stream: true };
    const { person, text, costsUsd } = await answered(scenario, asked);
    const events = eventsIn(text);
    expect(jsonIn(events.at(-2))).toMatchObject(errorEvent(PASSED_ON));
    expect(events.at(-1)).toBe('data: [DONE]');
    expect(await person.rows(1)).toMatchObject([{ has_error: true, streamed: true }]);
    await eventually(async () => (await person.used()) === costsUsd, 'the charge');
  });

  test.each(['cut~after=6~of=12', 'reset~at=900', 'cut~at=20', 'answer~finish=no~done=no'])(
    'of a free model: %s',
    async (scenario) => {
      const { person, text } = await answered(scenario, { model: REWRITTEN, stream: true });
      const events = eventsIn(text);
      // Every event is whole.
      expect(events.slice(0, -1).map(jsonIn)).toHaveLength(events.length - 1);
      expect(jsonIn(events.at(-2))).toMatchObject(errorEvent(REWRITTEN));
      expect(text.match(/\[DONE\]/g)).toHaveLength(1);
      expect(await person.rows(1)).toMatchObject([{ has_error: true, cost: 0 }]);
    },
  );
});

describe('an answer that is not streamed', () => {
  test.each([
    'cut',
    'cut~end=fin',
    'reset~after=3',
    'bad-json',
    'empty',
    'status~code=200~body=html',
  ])('is a 502 where it is not whole, never a 200 (%s)', async (scenario) => {
    for (const model of [PASSED_ON, REWRITTEN]) {
      const { person, response, text } = await answered(scenario, { model, stream: false });
      expect(response.status).toBe(502);
      expect(JSON.parse(text)).toEqual({
        error: 'Bad gateway',
        message: 'The model provider could not be reached. Please try again.',
      });
      expect(await person.rows(1)).toMatchObject([{ has_error: true, cost: 0 }]);
    }
  });

  test('is sent byte for byte, padding included', async () => {
    const asked = { model: PASSED_ON, stream: false };
    const { text, delivered } = await answered('answer~processing=3~text=multibyte', asked);
    expect(Buffer.byteLength(text)).toBe(delivered.bytesWritten);
    expect(text.startsWith('\n         \n')).toBe(true);
  });

  test.each([PASSED_ON, REWRITTEN])(
    'that is an error takes its status, without the account of the house (%s)',
    async (model) => {
      const { person, response, text } = await answered('error~code=400', { model, stream: false });
      expect(response.status).toBe(400);
      expect(JSON.parse(text)).toMatchObject({ error: { code: 400 } });
      expect(text).not.toContain('user_id');
      expect(await person.rows(1)).toMatchObject([{ has_error: true, cost: 0 }]);
    },
  );
});

import { parseJson } from '@gateway/worker-utils/json';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { startWorld, type World } from '../../support/world.ts';

// What a client gets of a model that the house pays for.

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());
afterEach(() => world.simulator.stand({ scenario: null }));

const messages = [{ role: 'user', content: 'Hello' }];
const parameters = { type: 'object', properties: { path: { type: 'string' } } };
const tools = [{ type: 'function', function: { name: 'read_file', parameters } }];

/** The provider plays this, whatever the model's name. */
async function played(scenario: string, body: Readonly<Record<string, unknown>>) {
  world.simulator.stand({ scenario });
  const person = await world.newcomer(0);
  const response = await world.ask({ token: person.token, body: { messages, ...body } });
  return { person, response, text: await response.text() };
}
const dataOf = (text: string): readonly string[] =>
  text
    .split('\n\n')
    .flatMap((event) => (event.startsWith('data: ') ? [event.slice('data: '.length)] : []));
const Chunk = z.looseObject({ id: z.string().optional(), choices: z.array(z.looseObject({})) });
const Delta = z.looseObject({ reasoning: z.string(), reasoning_details: z.unknown() });
const chunksOf = (text: string) =>
  dataOf(text).flatMap((data) => {
    const json = parseJson(data);
    return json.ok ? [Chunk.parse(json.value)] : [];
  });
const lastDelivered = () => world.simulator.log().at(-1);

const stealthError = {
  error: 'Stealth model unable to process request',
  message: 'Stealth model unable to process request',
};
const unavailable = {
  error: 'Service Unavailable',
  message: 'The service is temporarily unavailable. Please try again later.',
};

const FREE = 'minimax/minimax-m2.5:free';
const STEALTH = 'giga-potato';

describe('a stream of a free model', () => {
  test('has the name that was asked for, no price, one end, and comments of ours', async () => {
    const { person, text } = await played('answer~tokens=5~done=no', { model: FREE, stream: true });
    expect(text.startsWith(': KILO PROCESSING\n\n: KILO PROCESSING\n\n')).toBe(true);
    expect(dataOf(text).filter((data) => data === '[DONE]')).toHaveLength(1);
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
    const chunks = chunksOf(text);
    expect(chunks.map(({ model }) => model)).toEqual(chunks.map(() => FREE));
    expect(chunks.at(-1)).toMatchObject({
      usage: { completion_tokens: 5, prompt_tokens_details: { cached_tokens: 0 } },
    });
    expect(text).not.toMatch(/"cost"|cost_details|is_byok/);

    // The books see what the client doesn't.
    const delivered = lastDelivered();
    expect(await person.rows(1)).toMatchObject([
      {
        cost: 0,
        market_cost: Math.round((delivered?.cost ?? 0) * 1_000_000),
        message_id: delivered?.generationId,
        output_tokens: 5,
        has_error: false,
      },
    ]);
  });

  test.each([
    'answer~crlf~cut=1~text=multibyte~seed=7',
    'answer~multiline~tight~bom~ids~text=multibyte~seed=7',
    'answer~escape~unterminated~text=multibyte~seed=7',
  ])('says the same, however it is written (%s)', async (scenario) => {
    const textOf = (text: string) =>
      chunksOf(text)
        .flatMap(({ choices: [choice] }) => (choice ? [JSON.stringify(choice['delta'])] : []))
        .join('\n');
    const plain = await played('answer~text=multibyte~seed=7', { model: FREE, stream: true });
    const odd = await played(scenario, { model: FREE, stream: true });
    expect(textOf(odd.text)).toBe(textOf(plain.text));
  });

  test.each(['half', 'text', 'null', 'number', 'string', 'array', 'empty', 'field'])(
    'goes on after an event that nobody can read (%s)',
    async (what) => {
      const { text } = await played(`malformed~what=${what}`, { model: FREE, stream: true });
      const chunks = chunksOf(text);
      expect(dataOf(text)).toHaveLength(chunks.length + 1);
      const reasons = chunks.map(({ choices: [choice] }) => choice?.['finish_reason']);
      expect(reasons).toContain('stop');
    },
  );

  test('shows the reasoning of every choice where clients look for it', async () => {
    const scenario = 'answer~reasoning=2~reasoning-as=content~choices=2~tokens=1';
    const { text } = await played(scenario, { model: FREE, stream: true });
    expect(text).not.toContain('reasoning_content');
    const [first, second] = chunksOf(text).flatMap(({ choices }) => choices);
    for (const choice of [first, second]) {
      const { reasoning, reasoning_details: details } = Delta.parse(choice?.['delta']);
      expect(reasoning).not.toBe('');
      expect(details).toEqual([{ type: 'reasoning.text', text: reasoning }]);
    }
    expect([first, second]).toMatchObject([{ index: 0 }, { index: 1 }]);
  });
});

test('a JSON answer of a free model has the name that was asked for, and no price', async () => {
  const { person, response, text } = await played('answer~tokens=5', { model: FREE });
  expect(response.headers.get('content-encoding')).toBe('identity');
  expect(JSON.parse(text)).toMatchObject({ model: FREE, usage: { completion_tokens: 5 } });
  expect(text).not.toMatch(/"cost"|cost_details|is_byok/);
  const market = Math.round((lastDelivered()?.cost ?? 0) * 1_000_000);
  expect(await person.rows(1)).toMatchObject([{ cost: 0, market_cost: market }]);
});

describe('a stealth model', () => {
  // Whatever could tell who answers: the simulator's names, its ids, and the fields that hold names.
  const TELLTALE =
    /simulated|ep-2026|gigapotato|gen-\d|call_[\da-f]{24}"|openai-|anthropic|"(?:provider\w*|system_fingerprint|native_finish_reason|format|metadata|user_id)"/i;

  test.each([
    'answer',
    'answer~metadata',
    'tool~calls=2',
    'answer~reasoning=3~reasoning-as=details',
    'answer~reasoning=3~reasoning-as=summary',
    'answer~reasoning=3~reasoning-as=encrypted',
    'answer~reasoning=3~reasoning-as=content',
    'error~after=2~shape=chunk',
    'error~after=2~shape=alone',
    'malformed',
    'cut',
  ])('does not tell who answers (%s)', async (scenario) => {
    for (const stream of [true, false]) {
      const { response, text } = await played(scenario, { model: STEALTH, tools, stream });
      expect(text).not.toMatch(TELLTALE);
      const names = [...response.headers.keys()];
      expect(names).not.toContain('x-gateway-provider');
      expect(JSON.stringify([...response.headers.values()])).not.toMatch(TELLTALE);
    }
  });

  test('still answers, and the books know who did', async () => {
    const { person, text } = await played('tool', { model: STEALTH, tools, stream: true });
    const [first] = chunksOf(text);
    expect(first).toMatchObject({ model: STEALTH, object: 'chat.completion.chunk' });
    expect(text).toContain('"name":"read_file"');
    expect(await person.rows(1)).toMatchObject([
      {
        message_id: lastDelivered()?.generationId,
        finish_reason: 'tool_calls',
        // Many may read the books: not even there is it named otherwise.
        model: STEALTH,
        requested_model: STEALTH,
        provider: 'gigapotato',
      },
    ]);
  });

  test.each([
    [400, 400, stealthError],
    [429, 429, stealthError],
    [500, 500, stealthError],
    [402, 503, unavailable],
  ])('does not tell who fails with %d', async (code, status, words) => {
    const { response, text } = await played(`status~code=${code}`, { model: STEALTH });
    expect(text).not.toMatch(TELLTALE);
    expect(response.status).toBe(status);
    expect(JSON.parse(text)).toEqual(words);
    expect(response.headers.has('x-gateway-provider')).toBe(false);
  });
});

test('a model that somebody pays for is passed on byte for byte, provider and price included', async () => {
  const person = await world.newcomer(10);
  const response = await world.ask({ token: person.token, body: { model: 'sim/usage', messages } });
  expect(response.headers.get('x-gateway-provider')).toBe('openrouter');
  expect(await response.json()).toMatchObject({ provider: 'Simulated', usage: { is_byok: false } });
});

import { parseJson } from '@gateway/worker-utils/json';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { memberOf } from '../../support/member.ts';
import { bodyOf, commonHeaders, headersOf } from '../../support/upstream.ts';
import type { Person } from '../../support/newcomer.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());
/** As Mistral does it: its answers name no cost. */
beforeEach(() => {
  world.simulator.stand({ scenario: 'answer~cost=none~byok=none~upstream=none', base: 'mistral' });
});

const path = '/api/fim/completions';
const gap = {
  model: 'mistralai/Codestral-2508',
  prompt: 'function add(a: number, b: number): number {\n  return ',
  suffix: ';\n}\n',
  max_tokens: 256,
  temperature: 0.2,
  stream: true,
};
describe('200', () => {
  test.each([true, false])(
    'a gap is filled, and costs what its tokens cost (stream: %s)',
    async (stream) => {
      const person = await world.newcomer(1);
      const response = await world.ask({ path, token: person.token, body: { ...gap, stream } });
      expect(response.status).toBe(200);
      expect(response.headers.get('x-gateway-provider')).toBe('mistral');
      const text = await response.text();
      expect(text.trimEnd().endsWith('data: [DONE]')).toBe(stream);
      const [row] = await person.rows(1);
      expect(row).toMatchObject({
        provider: 'mistral',
        requested_model: 'mistralai/codestral-2508',
        streamed: stream,
        has_error: false,
        status_code: 200,
      });
      // 15 x 0.3 + 12 x 0.9.
      expect(row).toMatchObject({ input_tokens: 15, output_tokens: 12, cost: 15, market_cost: 15 });
      expect(await person.used()).toBe(15);
    },
  );

  test('the upstream is sent what it knows, and nothing else', async () => {
    const { token } = await world.newcomer(1);
    const unknown = { messages: [], usage: { include: true }, description: 'x', stop: ['\n'] };
    const response = await world.ask({ path, token, body: { ...gap, ...unknown } });
    await response.text();
    const [delivered] = world.simulator.log().slice(-1);
    if (!delivered) throw new Error('Nothing was delivered.');
    expect(delivered.path).toBe('/mistral/v1/fim/completions');
    expect(bodyOf(delivered)).toEqual({ ...gap, model: 'codestral-2508', stop: ['\n'] });
    expect(headersOf(delivered)).toEqual(commonHeaders('simulator'));
  });

  test.each(['no', 'null'])(
    'an answer that does not tell its usage (%s) costs what its bytes do',
    async (usage) => {
      world.simulator.stand({ scenario: `answer~tokens=200~usage=${usage}`, base: 'mistral' });
      for (const stream of [true, false]) {
        const person = await world.newcomer(1);
        const response = await world.ask({ path, token: person.token, body: { ...gap, stream } });
        const delivered = textIn(await response.text());
        expect(delivered.length).toBeGreaterThan(400);
        const expected = costOfBytes(delivered);
        const [row] = await person.rows(1);
        expect(row).toMatchObject({ cost: expected, market_cost: expected, has_error: false });
        expect(row?.output_tokens).toBe(Math.ceil(Buffer.byteLength(delivered) / 4));
        expect(await person.used()).toBe(expected);
      }
    },
  );

  test('an organisation pays for its member', async () => {
    const member = await memberOf(world, { usd: 1 });
    const response = await world.ask({ path, token: member.token, body: gap });
    await response.text();
    const [row] = await member.rows(1);
    expect(row).toMatchObject({ organization_id: member.organization });
    expect(row?.cost).toBeGreaterThan(0);
    expect(await member.used()).toBe(0);
  });
});

/** By Mistral's tariff, a token for every four bytes. */
const costOfBytes = (delivered: string): number => {
  const tokens = (text: string) => Math.ceil(Buffer.byteLength(text) / 4);
  return Math.round(tokens(gap.prompt + gap.suffix) * 0.3 + tokens(delivered) * 0.9);
};

const Delta = z.object({
  choices: z.array(
    z.object({
      delta: z.object({ content: z.string().nullish() }).optional(),
      message: z.object({ content: z.string() }).optional(),
    }),
  ),
});
/** What an answer says, streamed or not. */
const textIn = (answer: string): string =>
  answer
    .split('\n')
    .map((line) => parseJson(line.replace(/^data: /, '')))
    .flatMap((json) => (json.ok ? (Delta.safeParse(json.value).data?.choices ?? []) : []))
    .map(({ delta, message }) => delta?.content ?? message?.content ?? '')
    .join('');

describe('a client that leaves', () => {
  /** Reads until nothing more comes, and leaves. */
  async function leave(person: Person, isOver: (text: string) => boolean): Promise<string> {
    const leaving = new AbortController();
    const body = { ...gap, max_tokens: 1000 };
    const response = await world.ask({ path, token: person.token, body, signal: leaving.signal });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let read = '';
    while (!isOver(read)) read += (await reader?.read())?.value ?? '';
    leaving.abort();
    return textIn(read);
  }

  test('before the last chunk pays for the request and for what came', async () => {
    world.simulator.stand({
      scenario: 'stall~after=191~of=200~text=multibyte~alive~n=500~ms=20',
      base: 'mistral',
      requests: 1,
    });
    const person = await world.newcomer(1);
    const chunks = (text: string) => text.split('"content":').length - 1;
    const delivered = await leave(person, (text) => chunks(text) >= 191 && text.endsWith('\n\n'));
    const expected = costOfBytes(delivered);
    expect(expected).toBeGreaterThan(170);
    const [row] = await person.rows(1);
    expect(row).toMatchObject({ cost: expected, cancelled: true, has_error: true });
    await expect.poll(person.used).toBe(expected);
  });

  test('after the last chunk pays for what the provider counted', async () => {
    world.simulator.stand({
      scenario: 'answer~tokens=200~cost=none~byok=none~upstream=none',
      base: 'mistral',
      requests: 1,
    });
    const person = await world.newcomer(1);
    await leave(person, (text) => text.includes('[DONE]'));
    // 15 x 0.3 + 200 x 0.9.
    expect((await person.rows(1))[0]?.cost).toBe(185);
  });
});

test.each(['cut~after=100~of=200', 'reset~after=100~of=200', 'error~after=100~of=200'])(
  'what a provider breaks off (%s) is not billed by guess',
  async (scenario) => {
    world.simulator.stand({ scenario, base: 'mistral' });
    const person = await world.newcomer(1);
    const response = await world.ask({ path, token: person.token, body: gap });
    await response.text().catch(() => undefined);
    expect((await person.rows(1))[0]).toMatchObject({ cost: 0, has_error: true });
    expect(await person.used()).toBe(0);
  },
);

async function refusal(response: Response) {
  const body: unknown = await response.json();
  return { status: response.status, body };
}
const noModel = {
  status: 404,
  body: { error: 'Model not found', message: 'The requested model could not be found.' },
};

test('400: what is no JSON', async () => {
  expect((await world.ask({ path, body: '{' })).status).toBe(400);
});

test('401: without an account there is no completion', async () => {
  expect(await refusal(await world.ask({ path, body: gap }))).toMatchObject({
    status: 401,
    body: { error: { code: 'PAID_MODEL_AUTH_REQUIRED' } },
  });
});

test('402: nor without credit', async () => {
  const { token } = await world.newcomer(0);
  expect((await refusal(await world.ask({ path, token, body: gap }))).status).toBe(402);
});

test.each([
  'anthropic/claude-sonnet-4.6',
  'kilo-auto/free',
  'mistralai/codestral-2508:free',
  'mistralai/mistral-large',
  'minimax/minimax-m2.5:free',
  '',
  7,
])('404: %j completes no code', async (model) => {
  const { token } = await world.newcomer(1);
  expect(await refusal(await world.ask({ path, token, body: { ...gap, model } }))).toEqual(noModel);
});

test.each([
  { model_allow_list: ['anthropic/*'] },
  { provider_allow_list: ['anthropic', 'openai'] },
])('404: an organisation that allows %j allows no completion', async (settings) => {
  const member = await memberOf(world, { usd: 1, plan: 'enterprise', settings });
  const { status, body } = await refusal(await world.ask({ path, token: member.token, body: gap }));
  expect(status).toBe(404);
  expect(body).toHaveProperty('error', 'Model not allowed for your team.');
});

test('405: it is asked by POST', async () => {
  const response = await fetch(`${world.url}${path}`);
  expect(response.headers.get('allow')).toBe('POST');
  expect(response.status).toBe(405);
  await response.text();
});

test("what the provider says of an error is its client's to read, and costs nothing", async () => {
  world.simulator.stand({ scenario: 'status~code=422', base: 'mistral' });
  const person = await world.newcomer(1);
  const response = await world.ask({ path, token: person.token, body: gap });
  expect(response.status).toBe(422);
  expect(parseJson(await response.text()).ok).toBe(true);
  const [row] = await person.rows(1);
  expect(row).toMatchObject({ cost: 0, has_error: true, status_code: 422 });
});

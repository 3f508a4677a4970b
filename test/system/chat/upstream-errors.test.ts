import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { startWorld, type World } from '../../support/world.ts';

// What a client gets when the upstream says no.

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());
afterEach(() => world.simulator.stand({ scenario: null }));

const messages = [{ role: 'user', content: 'Hello' }];
const grace = () => ({ token: world.tokens['grace'] ?? '', body: { model: 'openai/gpt-5.2' } });

async function refused(scenario: string, asked: Parameters<World['ask']>[0]) {
  world.simulator.stand({ scenario });
  const body = typeof asked.body === 'object' ? { messages, ...asked.body } : asked.body;
  const response = await world.ask({ ...asked, body });
  return { response, text: await response.text() };
}

test.each([400, 403, 404, 408, 422, 429, 500, 502, 503, 529])(
  'an upstream error keeps its status (%d) and its words, but not the account of the house',
  async (code) => {
    const person = await world.newcomer(10);
    const body = { model: 'maker/model' };
    const { response, text } = await refused(`status~code=${code}`, { token: person.token, body });
    expect(response.status).toBe(code);
    expect(JSON.parse(text)).toMatchObject({ error: { code } });
    expect(text).not.toContain('user_id');
    expect(response.headers.get('set-cookie')).toBeNull();
    expect(await person.rows(1)).toMatchObject([{ cost: 0, has_error: true }]);
  },
);

test.each(['html', 'text', 'broken', 'empty'] as const)(
  'a body that is no JSON (%s) keeps its status and is told in JSON, also of a free model',
  async (kind) => {
    const person = await world.newcomer(10);
    for (const model of ['maker/model', 'minimax/minimax-m2.5:free']) {
      const asked = { token: person.token, body: { model } };
      const { response, text } = await refused(`status~code=502~body=${kind}`, asked);
      expect(response.status).toBe(502);
      const told = {
        html: '502 Bad Gateway',
        text: 'error code: 502',
        broken: 'not-json{',
        empty: 'The provider failed with 502.',
      };
      expect(JSON.parse(text)).toMatchObject({ error: { code: 502, message: told[kind] } });
    }
  },
);

test.each([
  [
    401,
    '[BYOK] Your API key is invalid or has been revoked. Please check your API key configuration.',
  ],
  [
    402,
    '[BYOK] Your API account has insufficient funds. Please check your billing details with your API provider.',
  ],
  [
    403,
    '[BYOK] Your API key does not have permission to access this resource. Please check your API key permissions.',
  ],
  [
    429,
    '[BYOK] Your API key has hit its rate limit. Please try again later or check your rate limit settings with your API provider.',
  ],
])('who brings a key is told what is wrong with it (%d)', async (code, words) => {
  const { response, text } = await refused(`status~code=${code}~retry-after=7`, grace());
  expect(response.status).toBe(code);
  expect(JSON.parse(text)).toEqual({ error: words, message: words });
  expect(response.headers.get('retry-after')).toBe(code === 429 ? '7' : null);
});

test('other errors of an own key are in the words of the provider', async () => {
  const { response, text } = await refused('status~code=500', grace());
  expect(response.status).toBe(500);
  expect(JSON.parse(text)).toMatchObject({ error: { message: 'Provider returned error' } });
});

test('a request to a free model that is too long is told so, with both lengths', async () => {
  const model = 'minimax/minimax-m2.5:free';
  const { token } = await world.newcomer(0);
  const ask = (tokens: number) =>
    refused('status~code=400', { token, body: { model, max_tokens: tokens } });
  // The request as it is sent counts, at four characters a token.
  const small = await ask(1);
  expect(JSON.parse(small.text)).toMatchObject({ error: { code: 400 } });
  const characters = (world.simulator.log().at(-1)?.rawBody ?? '').length + '204000'.length - 1;
  const just = Math.ceil(204_800 - characters / 4);
  const below = await ask(just - 1);
  expect(JSON.parse(below.text)).toMatchObject({ error: { code: 400 } });
  const reached = await ask(just);
  const about = Math.round((world.simulator.log().at(-1)?.rawBody ?? '').length / 4 + just);
  const words = `The maximum context length is 204800 tokens. However, about ${about} tokens were requested.`;
  expect(reached.response.status).toBe(400);
  expect(JSON.parse(reached.text)).toEqual({ error: words, message: words });
});

test('so is one to a stealth model, for which there are no other words', async () => {
  const { token } = await world.newcomer(0);
  const body = { model: 'giga-potato', max_tokens: 256_000 };
  const { response, text } = await refused('status~code=413', { token, body });
  expect(response.status).toBe(413);
  expect(text).toMatch(/"The maximum context length is 256000 tokens\. However, about 256\d{3} /);
});

test.each([
  [429, 3, '3'],
  [503, 3600, '60'],
  [500, 3, null],
])('of a %d, a wait of %d s is passed on as %j', async (code, seconds, passed) => {
  const { token } = await world.newcomer(10);
  const asked = { token, body: { model: 'maker/model' } };
  const { response } = await refused(`status~code=${code}~retry-after=${seconds}`, asked);
  expect(response.headers.get('retry-after')).toBe(passed);
});

test('an unpaid bill of the house is none of the client', async () => {
  const person = await world.newcomer(10);
  const asked = { token: person.token, body: { model: 'maker/model' } };
  const { response, text } = await refused('status~code=402', asked);
  expect(response.status).toBe(503);
  expect(JSON.parse(text)).toEqual({
    error: 'Service Unavailable',
    message: 'The service is temporarily unavailable. Please try again later.',
  });
  expect(await person.rows(1)).toMatchObject([{ cost: 0, has_error: true }]);
});

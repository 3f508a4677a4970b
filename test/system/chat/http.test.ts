import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { OpenAI } from 'openai';
import { OpenRouterError } from '../../support/openrouter-shapes.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

const hello = { messages: [{ role: 'user' as const, content: 'Hello!' }] };
const path = '/api/v1/chat/completions';
const paid = { ...hello, model: 'anthropic/claude-sonnet-4.6' };

describe('/api/v1', () => {
  test('the same flow answers, and charges', async () => {
    const person = await world.newcomer(1);
    const client = new OpenAI({ baseURL: `${world.url}/api/v1`, apiKey: person.token });
    const answer = await client.chat.completions.create({
      ...hello,
      model: 'sim/answer~cost=0.25',
    });
    expect(answer.choices[0]?.message.content).toBeTruthy();
    const [row] = await person.rows(1);
    expect(row).toMatchObject({ cost: 250_000, has_error: false });
  });

  test.each<[string, number, object]>([
    ['no token for a paid model', 401, paid],
    ['no model', 404, hello],
    ['a model that has ended', 404, { ...hello, model: 'z-ai/glm-5:free' }],
    [
      'a model that needs data collection',
      400,
      { ...hello, model: 'minimax/minimax-m2.5:free', provider: { zdr: true } },
    ],
  ])("refusals have OpenRouter's shape: %s", async (_name, status, body) => {
    const response = await world.ask({ path, body });
    expect(response.status).toBe(status);
    const { error } = OpenRouterError.parse(await response.json());
    expect(Object.keys(error).toSorted()).toEqual(['code', 'message']);
    expect(error.code).toBe(status);
    expect(response.headers.get('x-request-id')).toBeTruthy();
  });

  test("so have a lack of credit, another method, a path that is not there and an upstream's error", async () => {
    const { token } = await world.newcomer(0);
    const rich = await world.newcomer(1);
    const answers = [
      await world.ask({ path, token, body: paid }),
      await fetch(`${world.url}${path}`),
      await world.ask({ path: '/api/v1/nothing', body: paid }),
      await world.ask({
        path,
        token: rich.token,
        body: { ...hello, model: 'sim/status~code=422' },
      }),
      await fetch(`${world.url}/api/v1/models`, { method: 'DELETE' }),
    ];
    const statuses = answers.map(({ status }) => status);
    expect(statuses).toEqual([402, 405, 400, 422, 405]);
    for (const answer of answers) {
      expect(OpenRouterError.parse(await answer.json()).error.code).toBe(answer.status);
    }
    expect(answers[1]?.headers.get('allow')).toBe('POST');
  });

  test('older prefixes keep the shapes that older clients read', async () => {
    const response = await world.ask({ body: paid });
    expect(await response.json()).toEqual({
      error: {
        code: 'PAID_MODEL_AUTH_REQUIRED',
        message: 'You need to sign in to use this model.',
      },
    });
  });
});

test.each([
  ['/api/openrouter/chat/completions', 'POST'],
  ['/api/gateway/chat/completions', 'POST'],
  ['/api/v1/chat/completions', 'POST'],
  ['/api/v1/models', 'GET, HEAD'],
  ['/api/user', 'GET, HEAD'],
  ['/api/openapi.json', 'GET, HEAD'],
  ['/health', 'GET, HEAD'],
])('OPTIONS of %s tells what it takes: %s', async (served, allow) => {
  const response = await fetch(`${world.url}${served}`, {
    method: 'OPTIONS',
    headers: { origin: 'https://page.example', 'access-control-request-method': 'POST' },
  });
  expect(response.status).toBe(204);
  expect(response.headers.get('allow')).toBe(allow);
  expect(response.headers.get('access-control-allow-origin')).toBeNull();
});

test.each(['/api/v1/models', '/api/user', '/api/openapi.json', '/health'])(
  '405: %s is only read',
  async (served) => {
    const response = await fetch(`${world.url}${served}`, { method: 'POST', body: '{}' });
    await response.text();
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    expect((await fetch(`${world.url}${served}`, { method: 'HEAD' })).status).not.toBe(405);
  },
);

test('pages of other origins may read answers only where that is configured', async () => {
  const origin = 'https://page.example';
  const asked = async (to: World, from: string) => {
    const [preflight, models] = await Promise.all([
      fetch(`${to.url}/api/v1/chat/completions`, {
        method: 'OPTIONS',
        headers: {
          origin: from,
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'authorization,content-type',
        },
      }),
      fetch(`${to.url}/api/v1/models`, { headers: { origin: from } }),
    ]);
    await models.text();
    return [preflight, models].map(({ headers }) => headers.get('access-control-allow-origin'));
  };
  expect(await asked(world, origin)).toEqual([null, null]);
  const open = await startWorld({ CORS_ORIGINS: `${origin}, https://other.example` });
  try {
    expect(await asked(open, origin)).toEqual([origin, origin]);
    expect(await asked(open, 'https://stranger.example')).toEqual([null, null]);
  } finally {
    await open.stop();
  }
});

test.each([
  '//api/openrouter/chat/completions',
  '/api/gateway//chat/completions/',
  '/api/v1/chat/completions///',
])('serves a chat at %s', async (sloppy) => {
  const person = await world.newcomer(1);
  const response = await world.ask({
    path: sloppy,
    token: person.token,
    body: { ...hello, model: 'sim/answer~cost=0.25' },
  });
  expect(response.status).toBe(200);
  await response.text();
  expect(await person.rows(1)).toMatchObject([{ cost: 250_000 }]);
});

test('serves the other routes with doubled and trailing slashes too', async () => {
  const paths = [
    '/health/',
    '//api/openrouter/models/',
    '/api/v1//providers',
    '/api/openapi.json/',
  ];
  const statuses = paths.map(async (sloppy) => (await fetch(`${world.url}${sloppy}`)).status);
  expect(await Promise.all(statuses)).toEqual(paths.map(() => 200));
  const fim = { model: 'mistralai/codestral-2508', prompt: 'a', suffix: 'b' };
  const refused = await world.ask({ path: '/api/fim//completions/', body: fim });
  expect(refused.status).toBe(401);
});

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

const hello = { messages: [{ role: 'user', content: 'Hello!' }] };
const paid = { ...hello, model: 'anthropic/claude-sonnet-4.6' };
const free = { ...hello, model: 'minimax/minimax-m2.5:free' };

async function refusal(response: Response) {
  const body: unknown = await response.json();
  return { status: response.status, body };
}
const signIn = {
  status: 401,
  body: {
    error: { code: 'PAID_MODEL_AUTH_REQUIRED', message: 'You need to sign in to use this model.' },
  },
};
const invalidPath = {
  status: 400,
  body: {
    error: 'Invalid path',
    message: 'This endpoint only accepts the path `/chat/completions`.',
  },
};
const unreadable = {
  status: 400,
  body: {
    error: 'Invalid request',
    message: 'Could not parse request body. Please ensure it is valid JSON.',
  },
};
const noModel = {
  status: 404,
  body: { error: 'Model not found', message: 'The requested model could not be found.' },
};

describe('400', () => {
  test.each(['{', '', 'null', '17', '"text"', 'true'])(
    'the body %j is no request',
    async (body) => {
      expect(await refusal(await world.ask({ body }))).toEqual(unreadable);
    },
  );

  test.each([
    '/api/openrouter/completions',
    '/api/gateway/',
    '/api/openrouter/api/openrouter/chat/completions',
  ])('the path %s is none of the API', async (path) => {
    expect(await refusal(await world.ask({ path, body: paid }))).toEqual(invalidPath);
  });

  test('a model that needs data collection is not served without it', async () => {
    for (const provider of [{ data_collection: 'deny' }, { zdr: true }]) {
      const { status, body } = await refusal(await world.ask({ body: { ...free, provider } }));
      expect(status).toBe(400);
      expect(body).toHaveProperty('error', expect.stringContaining('Data collection is required'));
    }
  });
});

describe('401', () => {
  test('a paid model needs an account', async () => {
    expect(await refusal(await world.ask({ body: paid }))).toEqual(signIn);
    expect(await refusal(await world.ask({ body: paid, token: 'nonsense' }))).toEqual(signIn);
  });

  test('a blocked user is refused, free models too', async () => {
    const { mallory: token = '' } = world.tokens;
    // The people's tokens are signed with the world's secret.
    expect(await refusal(await world.ask({ body: paid, token }))).toEqual(signIn);
    expect(await refusal(await world.ask({ body: free, token }))).toEqual(signIn);
  });

  test('an organisation that the user is no member of is a failed authentication', async () => {
    const { token } = await world.newcomer(10);
    for (const organization of ['not a uuid', crypto.randomUUID()]) {
      const headers = { 'x-kilocode-organizationid': organization };
      expect(await refusal(await world.ask({ body: paid, token, headers }))).toEqual(signIn);
    }
  });

  test('a billing manager can not spend, and a token for one organisation acts for no other', async () => {
    const { frank = '', erin = '' } = world.tokens;
    expect(await refusal(await world.ask({ body: paid, token: frank }))).toEqual(signIn);
    const headers = { 'x-kilocode-organizationid': '22222222-2222-4222-8222-222222222222' };
    expect(await refusal(await world.ask({ body: paid, token: erin, headers }))).toEqual(signIn);
  });
});

describe('402', () => {
  test('who has never paid is told of the bonus', async () => {
    const { token } = await world.newcomer(0);
    expect(await refusal(await world.ask({ body: paid, token }))).toEqual({
      status: 402,
      body: {
        error: {
          title: 'Paid Model - Credits Required',
          message:
            'This is a paid model. To use paid models, you need to add credits. Get $20 free on your first topup!',
          balance: 0,
          buyCreditsUrl: 'https://app.kilo.ai/profile',
        },
      },
    });
  });

  test('who has paid before is told to add credits', async () => {
    const { carol = '' } = world.tokens;
    expect(await refusal(await world.ask({ body: paid, token: carol }))).toEqual({
      status: 402,
      body: {
        error: {
          title: 'Low Credit Warning!',
          message: 'Add credits to continue, or switch to a free model',
          balance: 0,
          buyCreditsUrl: 'https://app.kilo.ai/profile',
        },
      },
    });
  });

  test('a free model needs no credits', async () => {
    const { token } = await world.newcomer(0);
    const response = await world.ask({ body: free, token });
    expect(response.status).toBe(200);
    await response.text();
  });
});

describe('404', () => {
  test.each(['{}', '[]', '{"model":""}', '{"model":"  "}', '{"model":7}', '{"model":null}'])(
    'the body %s names no model',
    async (body) => {
      expect(await refusal(await world.ask({ body }))).toEqual(noModel);
    },
  );

  test('a retired free model says so', async () => {
    const text = 'The alpha period for this model has ended.';
    const body = { ...hello, model: 'z-ai/glm-5:free' };
    expect(await refusal(await world.ask({ body }))).toEqual({
      status: 404,
      body: { error: text, message: text },
    });
  });

  test('a path outside the API is not found', async () => {
    const response = await fetch(`${world.url}/somewhere`);
    expect(await refusal(response)).toEqual({ status: 404, body: { error: 'Not found' } });
  });
});

test('405: another method is told which one to use', async () => {
  const response = await fetch(`${world.url}/api/openrouter/chat/completions`);
  expect(response.headers.get('allow')).toBe('POST');
  expect(await refusal(response)).toEqual({
    status: 405,
    body: { error: 'Method not allowed', message: 'Use POST.' },
  });
});

const tooLarge = (message: string) => ({
  status: 413,
  body: { error: 'Request too large', message: `The request body must not ${message}` },
});
const padded = (bytes: number) => `{"model":"","x":"${'a'.repeat(bytes - 19)}"}`;
const mebibytes = (n: number) => n * 1024 * 1024;

describe('413', () => {
  test('without a token, a body may have 8 MiB and no byte more', async () => {
    expect((await world.ask({ body: padded(mebibytes(8)) })).status).toBe(404);
    expect(await refusal(await world.ask({ body: padded(mebibytes(8) + 1) }))).toEqual(
      tooLarge('exceed 8 MiB.'),
    );
  });

  test('with a token, 20 MiB', async () => {
    const { token } = await world.newcomer(1);
    expect((await world.ask({ token, body: padded(mebibytes(20)) })).status).toBe(404);
    expect(await refusal(await world.ask({ token, body: padded(mebibytes(20) + 1) }))).toEqual(
      tooLarge('exceed 20 MiB.'),
    );
  });

  test('what would cost too much to parse is not parsed', async () => {
    const list = `[${'{},'.repeat(2_000_000)}{}]`;
    expect(await refusal(await world.ask({ body: list }))).toEqual(
      tooLarge('have more than 150000 structural characters.'),
    );
    expect(await refusal(await world.ask({ body: '['.repeat(101) + ']'.repeat(101) }))).toEqual(
      tooLarge('be nested deeper than 100 levels.'),
    );
  });
});

test('429: an address has 200 uses of the free models an hour, even if 500 come at once', async () => {
  const headers = { 'x-forwarded-for': '192.0.2.77' };
  const asked = Array.from({ length: 500 }, () => world.ask({ body: free, headers }));
  const answers = await Promise.all(asked);
  const bodies = await Promise.all(answers.map((answer) => answer.text()));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(200);
  const refused = answers.findIndex(({ status }) => status === 429);
  expect(JSON.parse(bodies[refused] ?? '')).toEqual({
    error: 'Rate limit exceeded',
    message: 'Free model usage limit reached. Please try again later or upgrade to a paid model.',
  });
  // There are clients that wait for as long as they are told to.
  expect(answers[refused]?.headers.get('retry-after')).toBe('60');
  const elsewhere = await world.ask({ body: free, headers: { 'x-forwarded-for': '192.0.2.78' } });
  expect(elsewhere.status).toBe(200);
  await elsewhere.text();
});

test('503: no model answers at such a length', async () => {
  const { token } = await world.newcomer(10);
  for (const field of ['max_tokens', 'max_completion_tokens']) {
    const { status } = await world.ask({ token, body: { ...paid, [field]: 100_000_000_000 } });
    expect(status).toBe(503);
  }
});

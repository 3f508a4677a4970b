import { plant } from '@gateway/db/seed';
import { run } from '@gateway/db/test-database';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { memberOf } from '../../support/member.ts';
import { DATA_COLLECTION, reasonIn } from '../../support/refusal.ts';
import { startWorld, type World } from '../../support/world.ts';

// Old clients show the first fault that the old system found. Every fault is paired here with every later one that a request
// can have at the same time, and the answer must be the one that the first alone gets.

const FULL = '192.0.2.200';
const PAID = 'anthropic/claude-sonnet-4.6';
const HOSTED = 'minimax/minimax-m2.5:free';
const messages = [{ role: 'user', content: 'Hello!' }];

let world: World;
beforeAll(async () => {
  world = await startWorld({ CLIENT_ADDRESS: 'forwarded' });
  const headers = { 'x-forwarded-for': FULL };
  const use = () => world.ask({ headers, body: { model: HOSTED, messages } });
  const served = await Promise.all(Array.from({ length: 200 }, use));
  await Promise.all(served.map((response) => response.text()));
});
afterAll(() => world.stop());

/** What makes a request a faulty one. What is not named is as it should be. */
type Flaw = {
  readonly path?: '/api/openrouter/completions';
  readonly method?: 'PUT';
  /** In the place of a JSON object. */
  readonly text?: string;
  readonly model?: string;
  readonly max_tokens?: number;
  readonly provider?: object;
  readonly from?: 'nowhere' | typeof FULL;
  readonly caller?: 'nobody' | 'somebody';
  readonly isBlocked?: true;
  readonly usd?: number;
  readonly settings?: object;
  readonly ownKey?: 'broken';
};
type Fault = {
  readonly name: string;
  readonly told: readonly [number, string];
  readonly flaw: Flaw;
};

/** In the order in which they are found. */
const faults: readonly Fault[] = [
  {
    name: 'a path of no API',
    told: [400, 'Invalid path'],
    flaw: { path: '/api/openrouter/completions' },
  },
  { name: 'another method', told: [405, 'Method not allowed'], flaw: { method: 'PUT' } },
  {
    // Nor is it JSON: the limits come before the parser.
    name: 'too deep a body',
    told: [413, 'Request too large'],
    flaw: { text: '['.repeat(101) },
  },
  { name: 'a body that is no JSON', told: [400, 'Invalid request'], flaw: { text: '{' } },
  { name: 'no model', told: [404, 'Model not found'], flaw: { model: ' ' } },
  {
    name: 'too long a model name',
    told: [400, 'Invalid model name'],
    flaw: { model: 'x'.repeat(257) },
  },
  {
    name: 'no address',
    told: [400, 'Unable to determine client IP'],
    flaw: { from: 'nowhere' },
  },
  {
    name: 'an address that has used up the free models',
    told: [429, 'Rate limit exceeded'],
    flaw: { from: FULL, model: HOSTED },
  },
  {
    name: 'no account',
    told: [401, 'PAID_MODEL_AUTH_REQUIRED'],
    flaw: { caller: 'nobody', model: PAID },
  },
  {
    name: 'a blocked account',
    told: [401, 'PAID_MODEL_AUTH_REQUIRED'],
    flaw: { caller: 'somebody', isBlocked: true },
  },
  {
    name: 'an absurd length',
    told: [503, 'Service Unavailable'],
    flaw: { max_tokens: 100_000_000_000 },
  },
  {
    name: 'a retired model',
    told: [404, 'The alpha period for this model has ended.'],
    flaw: { model: 'z-ai/glm-5:free' },
  },
  {
    name: 'a withdrawn model',
    told: [404, 'Model not found'],
    flaw: { model: 'qwen/qwen3-coder:free' },
  },
  {
    name: 'no credit',
    told: [402, 'Paid Model - Credits Required'],
    flaw: { caller: 'somebody', model: PAID, usd: 0 },
  },
  {
    name: 'a model that is not allowed',
    told: [404, 'Model not allowed for your team.'],
    flaw: { caller: 'somebody', settings: { model_allow_list: ['openai/*'] } },
  },
  {
    name: 'data collection denied',
    told: [400, DATA_COLLECTION],
    flaw: { model: HOSTED, provider: { data_collection: 'deny' } },
  },
  {
    name: 'an own key that can not be read',
    told: [
      401,
      '[BYOK] Your API key is invalid or has been revoked. Please check your API key configuration.',
    ],
    // A request that an own key pays for lacks no credit.
    flaw: { caller: 'somebody', model: PAID, ownKey: 'broken', usd: 10 },
  },
];

async function tokenFor({ usd = 10, settings = {}, isBlocked, ownKey }: Flaw): Promise<string> {
  const { id, organization, token } = await memberOf(world, { usd, plan: 'enterprise', settings });
  if (isBlocked) {
    await run(
      world.databaseUrl,
      `update kilocode_users set blocked_reason = 'abuse' where id = '${id}'`,
    );
  }
  if (ownKey) {
    const row = { provider_id: 'anthropic', encrypted_api_key: ownKey, created_by: 'somebody' };
    await plant(world.databaseUrl, { byok_api_keys: [{ organization_id: organization, ...row }] });
  }
  return token;
}

async function answerTo(flaw: Flaw): Promise<readonly [number, string | null]> {
  const { text, model = PAID, max_tokens, provider, from = '192.0.2.1' } = flaw;
  const token = flaw.caller === 'nobody' ? null : await tokenFor(flaw);
  const response = await fetch(`${world.url}${flaw.path ?? '/api/openrouter/chat/completions'}`, {
    method: flaw.method ?? 'POST',
    headers: {
      ...(token !== null && { authorization: `Bearer ${token}` }),
      ...(from !== 'nowhere' && { 'x-forwarded-for': from }),
    },
    body: text ?? JSON.stringify({ model, messages, max_tokens, provider }),
  });
  return [response.status, reasonIn(await response.text())];
}

/** Null: no request can have both. */
function both(first: Flaw, second: Flaw): Flaw | null {
  const merged: Flaw = { ...second, ...first };
  const isWithin = (part: Flaw) =>
    Object.entries(part).every(([key, value]) =>
      Object.entries(merged).some(([name, kept]) => name === key && kept === value),
    );
  const isTextAlone =
    merged.text === undefined || !(merged.model ?? merged.max_tokens ?? merged.provider);
  return isWithin(first) && isWithin(second) && isTextAlone ? merged : null;
}

const pairs = faults.flatMap((first, at) =>
  faults.slice(at + 1).flatMap((second) => {
    const flaw = both(first.flaw, second.flaw);
    return flaw ? [{ first: first.name, second: second.name, told: first.told, flaw }] : [];
  }),
);

test.each(faults)('$name: $told', async ({ flaw, told }) => {
  expect(await answerTo(flaw)).toEqual(told);
});

test('a request without any fault is served, so that each of them is one', async () => {
  const token = await tokenFor({});
  const headers = { 'x-forwarded-for': '192.0.2.1' };
  for (const model of [PAID, HOSTED]) {
    const response = await world.ask({ token, headers, body: { model, messages } });
    await response.text();
    expect(response.status).toBe(200);
  }
});

describe('of two faults, a client hears of the first:', () => {
  test.each(pairs)('$first, then $second', async ({ flaw, told }) => {
    expect(await answerTo(flaw)).toEqual(told);
  });
});

import { plant } from '@gateway/db/seed';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { memberOf } from '../../support/member.ts';
import type { Person } from '../../support/newcomer.ts';
import { startWorld, type World } from '../../support/world.ts';

// A payer may exceed a balance by one request's worst case at most. Each test prints what was overspent beside its bound.

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

const PARALLEL = 100;
const messages = [{ role: 'user', content: 'Hello' }];
/** Listed in the catalogue, and not: then a request may cost what the dearest listed model does. */
const MODELS = { known: 'anthropic/claude-sonnet-4.6', unknown: 'vendor/not-listed' } as const;

type Asked = { readonly body: object; readonly path?: string; readonly task?: string };
const askAtOnce = async (
  { ask }: World,
  { token }: Person,
  { body, path, task }: Asked,
): Promise<readonly Response[]> =>
  Promise.all(
    Array.from({ length: PARALLEL }, async () => {
      const headers = task === undefined ? {} : { 'x-kilocode-taskid': task };
      const response = await ask({ token, body, headers, ...(path !== undefined && { path }) });
      await response.clone().text();
      return response;
    }),
  );

/** What was spent, beyond what there was, and the dearest request of all. In microdollars. */
async function spending(payer: Person, served: number, usd: number, title: string) {
  const rows = await payer.rows(served);
  const spent = rows.reduce((sum, { cost }) => sum + cost, 0);
  const dearest = Math.max(...rows.map(({ cost }) => cost));
  const balance = usd * 1_000_000;
  console.log(
    `${title}: ${served} of ${PARALLEL} served, overspent $${Math.max(0, spent - balance) / 1e6}, bound $${dearest / 1e6}.`,
  );
  return { spent, dearest, balance };
}

const statusesOf = (responses: readonly Response[]) => responses.map(({ status }) => status);
const servedOf = (responses: readonly Response[]) =>
  statusesOf(responses).filter((status) => status === 200).length;

type Attack = {
  readonly name: string;
  readonly usd: number;
  readonly body: object;
  /** What the provider does, slow enough that all are asked while the first still run. */
  readonly scenario: string;
};

const attacks: readonly Attack[] = [
  {
    name: 'a cent, max_tokens 1 and a plugin',
    usd: 0.01,
    body: { max_tokens: 1, plugins: [{ id: 'web', max_results: 10 }] },
    scenario: 'answer~cost=0.46~first=1000',
  },
  {
    name: 'a cent, max_tokens 1 and a tool of the provider',
    usd: 0.01,
    body: { max_tokens: 1, tools: [{ type: 'openrouter:web_search' }] },
    scenario: 'answer~cost=0.46~first=1000',
  },
  {
    name: 'a dollar and n: 8',
    usd: 1,
    body: { n: 8 },
    scenario: 'answer~choices=8~tokens=4000~first=1000',
  },
  {
    name: 'a dollar, n: 8 as a text',
    usd: 1,
    body: { n: '8' },
    scenario: 'answer~choices=8~tokens=4000~first=1000',
  },
  {
    name: 'a dollar and answers of 10 000 tokens',
    usd: 1,
    body: {},
    scenario: 'answer~tokens=10000~first=1000',
  },
  {
    name: 'a dollar and the smaller of two limits',
    usd: 1,
    body: { max_tokens: 1, max_completion_tokens: 10_000 },
    scenario: 'answer~tokens=10000~first=1000',
  },
  {
    name: 'a dollar and a limit that is none',
    usd: 1,
    body: { max_tokens: -1 },
    scenario: 'answer~cost=0.15~first=1000',
  },
  {
    name: 'a dollar and a priority tier',
    usd: 1,
    body: { service_tier: 'priority', max_tokens: 2000 },
    scenario: 'answer~cost=0.06~first=1000',
  },
];

async function expectWithinBound(there: World, attack: Attack, body: object): Promise<void> {
  const { name, usd, scenario } = attack;
  there.simulator.stand({ scenario });
  const payer = await there.newcomer(usd);
  const title = `${name}, ${JSON.stringify(body).slice(0, 60)}`;
  const responses = await askAtOnce(there, payer, { body: { ...body, messages, ...attack.body } });
  const served = servedOf(responses);
  expect(served).toBeGreaterThan(0);
  const refused = statusesOf(responses).filter((status) => status !== 200);
  expect(refused).toEqual(refused.map(() => 429));
  const { spent, dearest, balance } = await spending(payer, served, usd, title);
  expect(spent).toBeLessThanOrEqual(balance + dearest);
  await expect.poll(payer.used).toBe(spent);
}

describe('a hundred requests at once exceed a balance by one request at most', () => {
  for (const attack of attacks) {
    test.each([
      ['known', true],
      ['known', false],
      ['unknown', true],
      ['unknown', false],
    ] as const)(`${attack.name}, prices %s, streamed: %s`, async (prices, stream) => {
      await expectWithinBound(world, attack, { model: MODELS[prices], stream });
    });
  }
});

describe('a cold gateway holds the same', () => {
  test.each([
    ['known', true],
    ['unknown', false],
  ] as const)('prices %s, streamed: %s', async (prices, stream) => {
    const cold = await startWorld();
    try {
      const attack = attacks.find(({ body }) => 'n' in body);
      if (!attack) throw new Error('There is none with n.');
      await expectWithinBound(cold, attack, { model: MODELS[prices], stream });
    } finally {
      await cold.stop();
    }
  });

  test('and serves a hundred whose worst cases fit', async () => {
    const cold = await startWorld();
    try {
      await expectAllServed(cold, 0.25, { model: MODELS.known, max_tokens: 12 });
    } finally {
      await cold.stop();
    }
  });
});

async function expectAllServed(there: World, usd: number, body: object): Promise<void> {
  there.simulator.stand({ scenario: 'answer~first=500' });
  const payer = await there.newcomer(usd);
  const responses = await askAtOnce(there, payer, { body: { ...body, messages } });
  expect(statusesOf(responses)).toEqual(responses.map(() => 200));
  await payer.rows(PARALLEL);
}

test.each(['known', 'unknown'] as const)(
  'serves a hundred requests at once whose worst cases fit, prices %s',
  async (prices) => {
    await expectAllServed(world, 0.25, { model: MODELS[prices], max_tokens: 12 });
    await expectAllServed(world, 10, { model: MODELS[prices], max_tokens: 2000 });
  },
);

test('counts a hold that was cut short before it admits another', async () => {
  const payer = await world.newcomer(1);
  const ask = async (body: object, scenario: string) => {
    world.simulator.stand({ scenario, requests: 1 });
    return world.ask({ token: payer.token, body: { model: MODELS.known, messages, ...body } });
  };
  world.simulator.stand({ scenario: null });
  const running: Response[] = [];
  // Each round: a request that could cost all there is and costs nothing, and one that costs what it could.
  for (let round = 0; round < 4; round += 1) {
    const cheap = await ask({ max_tokens: 60_000 }, 'answer~cost=0');
    const dear = await ask({ max_tokens: 60_000 }, 'answer~cost=0.9~delay=200~tokens=12');
    running.push(dear);
    await cheap.text();
  }
  await Promise.all(running.map(async (response) => response.text()));
  const rows = await payer.rows(1);
  await expect.poll(payer.used).toBeLessThanOrEqual(1_000_000 + 900_000);
  console.log(`Of four that would have cost $3.60, ${rows.length} rows are charged.`);
});

describe('the same bound holds', () => {
  const scenario = 'answer~tokens=10000~first=1000';
  const body = { model: MODELS.known, messages, stream: true };

  test('for an organisation', async () => {
    world.simulator.stand({ scenario });
    const member = await memberOf(world, { usd: 1 });
    const served = servedOf(await askAtOnce(world, member, { body }));
    const { spent, dearest } = await spending(member, served, 1, 'an organisation');
    expect(spent).toBeLessThanOrEqual(1_000_000 + dearest);
  });

  test("for a member's daily limit", async () => {
    world.simulator.stand({ scenario });
    const member = await memberOf(world, { usd: 100 });
    await plant(world.databaseUrl, {
      organization_user_limits: [
        {
          organization_id: member.organization,
          kilo_user_id: member.id,
          limit_type: 'daily',
          microdollar_limit: 300_000,
        },
      ],
    });
    const served = servedOf(await askAtOnce(world, member, { body }));
    const { spent, dearest } = await spending(member, served, 0.3, 'a daily limit');
    expect(spent).toBeLessThanOrEqual(300_000 + dearest);
  });

  test('at Vercel', async () => {
    world.simulator.stand({ scenario });
    const payer = await world.newcomer(1);
    const asked = { body: { ...body, model: 'z-ai/glm-5' }, task: 'task-15' };
    const served = servedOf(await askAtOnce(world, payer, asked));
    const rows = await payer.rows(served);
    expect(new Set(rows.map(({ provider }) => provider))).toEqual(new Set(['vercel']));
    const { spent, dearest } = await spending(payer, served, 1, 'Vercel');
    expect(spent).toBeLessThanOrEqual(1_000_000 + dearest);
  });

  test('for completions of code', async () => {
    world.simulator.stand({ scenario: `${scenario}~cost=none~byok=none~upstream=none` });
    const payer = await world.newcomer(0.01);
    const asked = { model: 'mistralai/codestral-2508', prompt: 'const a', stream: true };
    const path = '/api/fim/completions';
    const served = servedOf(await askAtOnce(world, payer, { body: asked, path }));
    const { spent, dearest } = await spending(payer, served, 0.01, 'completions of code');
    expect(spent).toBeLessThanOrEqual(10_000 + dearest);
  });
});

test.each([
  { n: 1e9 },
  { n: 1e308 },
  { n: -8 },
  { max_tokens: 99_999_999_999 },
  { max_completion_tokens: null, max_tokens: 0.5 },
  { reasoning: { max_tokens: 1e308 } },
  { plugins: [{ id: 'web', max_results: 1e308 }] },
])('a request with %j is held for, and charged', async (body) => {
  world.simulator.stand({ scenario: null });
  world.simulator.stand({ scenario: 'answer~cost=0.02' });
  const payer = await world.newcomer(0.1);
  const response = await world.ask({
    token: payer.token,
    body: { model: MODELS.known, messages, ...body },
  });
  await response.text();
  expect(response.status).toBe(200);
  await expect.poll(payer.used).toBe(20_000);
});

const Refused = z.object({ error: z.object({ balance: z.number() }) });

test('who has to wait is told so, and a balance is used up to its end', async () => {
  world.simulator.stand({ scenario: null });
  const body = { model: 'sim/answer~cost=0.02~first=1000', messages };
  const payer = await world.newcomer(0.1);
  const refused = (await askAtOnce(world, payer, { body })).filter(({ status }) => status !== 200);
  const [first] = refused;
  expect(first?.headers.get('retry-after')).toBe('2');
  expect(await first?.json()).toEqual({
    error: 'Too many requests in progress',
    message: 'Your balance is reserved by requests that are still running. Please retry shortly.',
  });
  const told: unknown[] = [];
  for (let n = 0; n < 7; n += 1) {
    const response = await world.ask({
      token: payer.token,
      body: { ...body, model: 'sim/answer~cost=0.02' },
    });
    const text = await response.text();
    told.push(response.status === 200 ? 200 : Refused.parse(JSON.parse(text)).error.balance);
  }
  await payer.rows(5);
  await expect.poll(payer.used).toBe(100_000);
  expect(told.at(-1)).toBe(0);
});

test('an answer that costs more than its worst case is charged, and reported', async () => {
  world.simulator.stand({ scenario: null });
  world.simulator.stand({ scenario: 'answer~cost=0.5', requests: 1 });
  const payer = await world.newcomer(5);
  const body = { model: MODELS.known, messages, max_tokens: 10 };
  await (await world.ask({ token: payer.token, body })).text();
  await expect.poll(payer.used).toBe(500_000);
  const alarm = 'An answer cost more than the worst case of its request';
  await expect.poll(() => world.workerLines.some((line) => line.includes(alarm))).toBe(true);
});

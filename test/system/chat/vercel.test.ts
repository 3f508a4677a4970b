import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { plant } from '@gateway/db/seed';
import { createTestDatabase, run } from '@gateway/db/test-database';
import type { Delivered } from '@gateway/local/simulator';
import { startStack } from '@gateway/local/stack/stack';
import { tokenFor } from '@gateway/local/stack/tokens';
import { afterEach, describe, expect, inject, test } from 'vitest';
import { bodyOf, commonHeaders, hash, headersOf } from '../../support/upstream.ts';
import { startWorld, TOKEN_SECRET, type World } from '../../support/world.ts';

// Some requests are answered through Vercel's gateway: a few at all times, most of them while OpenRouter fails.

/** Tasks by the bucket that they are in: always at Vercel, only when OpenRouter fails, never. */
const TASKS = { few: 'task-15', most: 'task-1', none: 'task-8' } as const;
type Task = keyof typeof TASKS;

let world: World;
afterEach(() => world.stop());

const messages = [
  { role: 'system', content: 'Be brief.' },
  { role: 'user', content: 'Hello!' },
];

async function sentFor(asked: Parameters<World['ask']>[0]): Promise<Delivered> {
  const response = await world.ask(asked);
  await response.text();
  const entry = world.simulator.log().at(-1);
  if (!entry) throw new Error(`Nothing was sent: ${response.status}`);
  return entry;
}
const gateways: Readonly<Record<string, string>> = {
  '/api/v1/chat/completions': 'openrouter',
  '/vercel/v1/chat/completions': 'vercel',
};
async function gatewayOf(
  task: Task,
  token: string,
  model = 'z-ai/glm-5',
  more: object = {},
): Promise<string | undefined> {
  const headers = { 'x-kilocode-taskid': TASKS[task] };
  const { path } = await sentFor({ token, headers, body: { model, messages, ...more } });
  return gateways[path];
}

type Attempts = { readonly provider: string; readonly count: number; readonly failed: number };

/** As if other isolates had just made them. */
async function planted(attempts: readonly Attempts[], more = { ending: 'failed', own: false }) {
  for (const { provider, count, failed } of attempts) {
    await run(
      world.databaseUrl,
      `insert into gateway.attempts (usage_id, n, provider, status, ending, is_user_byok, created_at)
       select gen_random_uuid(), 1, '${provider}', case when i <= ${failed} then 500 else 200 end,
         case when i <= ${failed} then '${more.ending}' else 'complete' end, ${more.own},
         now() - interval '1 minute'
       from generate_series(1, ${count}) i`,
    );
  }
}

describe('a few requests', () => {
  const golden: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
    'minimax/minimax-m2.5:free': {
      model: 'minimax/minimax-m2.5',
      providerOptions: { gateway: { order: ['minimax'] } },
    },
    'moonshotai/kimi-k2.5:free': {
      model: 'moonshotai/kimi-k2.5',
      providerOptions: { gateway: { order: ['moonshotai'] } },
      temperature: undefined,
    },
    'google/gemini-3.1-pro-preview': {
      model: 'google/gemini-3.1-pro-preview',
      providerOptions: { gateway: {} },
    },
    'Z-AI/GLM-5': { model: 'zai/glm-5', providerOptions: { gateway: { order: ['zai'] } } },
    'x-ai/grok-code-fast-1': {
      model: 'xai/grok-code-fast-1',
      providerOptions: { gateway: {} },
    },
  };

  test('of some models go to Vercel, in the form that it takes', async () => {
    world = await startWorld();
    const person = await world.newcomer(1000);
    for (const [model, body] of Object.entries(golden)) {
      const asked = { model, messages, temperature: 0.7 };
      const key = hash('vercel', `${person.id}${TASKS.few}`);
      const sent = await sentFor({
        token: person.token,
        headers: { 'x-kilocode-taskid': TASKS.few },
        body: { ...asked, providerOptions: { gateway: { byok: {} } } },
      });
      const grok: Readonly<Record<string, unknown>> = {
        'x-grok-conv-id': key,
        'x-grok-req-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
      };
      expect(sent.path).toBe('/vercel/v1/chat/completions');
      expect(headersOf(sent)).toEqual({
        ...commonHeaders('simulator'),
        ...(model.startsWith('x-ai/') && grok),
      });
      expect(bodyOf(sent)).toEqual({
        ...asked,
        stream_options: { include_usage: true },
        user: hash('vercel', person.id),
        safety_identifier: hash('vercel', person.id),
        prompt_cache_key: key,
        ...body,
      });
    }
    const rows = await person.rows(5);
    expect(rows.map(({ provider }) => provider)).toEqual(rows.map(() => 'vercel'));
    expect(rows.filter(({ cost }) => cost > 0)).toHaveLength(3);
    expect(rows.filter((row) => row['is_user_byok'] !== false)).toEqual([]);
  });

  test('and a provider that the client wishes for is named as Vercel names it', async () => {
    world = await startWorld();
    const { token } = await world.newcomer(10);
    const provider = { only: ['google-vertex'], order: ['z-ai/fp8'], zdr: true };
    const sent = await sentFor({
      token,
      headers: { 'x-kilocode-taskid': TASKS.few },
      body: { model: 'z-ai/glm-5', messages, provider, verbosity: 'low' },
    });
    expect(bodyOf(sent)).toMatchObject({
      providerOptions: {
        gateway: { only: ['vertex'], order: ['zai'], zeroDataRetention: true },
        anthropic: { effort: 'low' },
      },
    });
    expect(bodyOf(sent)).not.toHaveProperty('provider');
  });

  test('by task, else by caller, and never where the model or data collection forbids it', async () => {
    world = await startWorld();
    const { token } = await world.newcomer(10);
    expect(await gatewayOf('few', token)).toBe('vercel');
    expect(await gatewayOf('most', token)).toBe('openrouter');
    expect(await gatewayOf('none', token)).toBe('openrouter');
    const untasked = await sentFor({ token, body: { model: 'z-ai/glm-5', messages } });
    expect(gateways[untasked.path]).toBe('openrouter');

    for (const model of ['anthropic/claude-sonnet-4.6', 'openai/gpt-5.2', 'qwen/qwen3-coder']) {
      expect(await gatewayOf('few', token, model)).toBe('openrouter');
    }
    const deny = { provider: { data_collection: 'deny' } };
    expect(await gatewayOf('few', token, 'z-ai/glm-5', deny)).toBe('openrouter');
  });

  test('of an organisation that denies data collection never do, whatever its members send', async () => {
    world = await startWorld();
    await planted([{ provider: 'openrouter', count: 30, failed: 30 }]);
    const person = await world.newcomer(0);
    const token = async (settings: object) => {
      const organization = randomUUID();
      await plant(world.databaseUrl, {
        organizations: [
          { id: organization, name: 'o', settings, total_microdollars_acquired: 10_000_000 },
        ],
        organization_memberships: [
          { organization_id: organization, kilo_user_id: person.id, role: 'member' },
        ],
      });
      return tokenFor({ user: person.id, pepper: person.pepper, organization }, TOKEN_SECRET);
    };
    const allow = { provider: { data_collection: 'allow' } };
    const denying = await token({ data_collection: 'deny' });
    expect(await gatewayOf('few', denying, 'z-ai/glm-5', allow)).toBe('openrouter');
    const other = await token({});
    expect(await gatewayOf('few', other, 'z-ai/glm-5', allow)).toBe('vercel');

    // Nor does Vercel step in for an OpenRouter that does not answer.
    world.simulator.reset();
    world.simulator.stand({ scenario: 'status~code=503', base: 'api' });
    expect(await gatewayOf('few', denying, 'z-ai/glm-5', allow)).toBe('openrouter');
    expect(world.simulator.log().filter(({ path }) => path.startsWith('/vercel'))).toEqual([]);
  });

  test('go to OpenRouter too where the house has no account at Vercel', async () => {
    world = await startWorld();
    const folder = mkdtempSync(join(tmpdir(), 'llm-gateway-test-'));
    // Whoever names OpenRouter alone has no other provider, and no simulated one either.
    const stack = await startStack({
      folder,
      port: 0,
      environment: { OPENROUTER_BASE_URL: world.simulator.url },
      databaseUrl: await createTestDatabase(inject('postgresUrl')),
      isDurable: false,
      say: () => undefined,
    });
    try {
      const response = await fetch(`${stack.url}/api/openrouter/chat/completions`, {
        method: 'POST',
        headers: { 'x-kilocode-taskid': TASKS.few },
        body: JSON.stringify({ model: 'minimax/minimax-m2.5:free', messages }),
      });
      await response.text();
      expect(response.status).toBe(200);
      expect(response.headers.get('x-gateway-provider')).toBe('openrouter');
    } finally {
      await stack.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe('while OpenRouter fails', () => {
  const failing = { provider: 'openrouter', count: 30, failed: 16 };

  test('most requests go to Vercel, and an operator is told', async () => {
    world = await startWorld();
    await planted([failing, { provider: 'vercel', count: 30, failed: 14 }]);
    const { token } = await world.newcomer(10);
    expect(await gatewayOf('most', token)).toBe('vercel');
    expect(await gatewayOf('few', token)).toBe('vercel');
    // It is still asked a little, or nobody would see that it is back.
    expect(await gatewayOf('none', token)).toBe('openrouter');
    const told = world.workerLines.filter((line) => line.includes('OpenRouter fails'));
    expect(told).toHaveLength(1);
    expect(told[0]).toContain('"openrouterAttempts":30,"openrouterFailed":16');
  });

  test('a model that only OpenRouter has stays there', async () => {
    world = await startWorld();
    await planted([failing]);
    const { token } = await world.newcomer(10);
    expect(await gatewayOf('few', token, 'anthropic/claude-sonnet-4.6')).toBe('openrouter');
    expect(await gatewayOf('few', token, 'deepseek/deepseek-v3.2')).toBe('openrouter');
  });

  test.each<[string, readonly Attempts[], { ending: string; own: boolean }?]>([
    ['exactly half of its calls', [{ provider: 'openrouter', count: 30, failed: 15 }]],
    ['too few to tell', [{ provider: 'openrouter', count: 19, failed: 19 }]],
    ['no more than Vercel', [failing, { provider: 'vercel', count: 30, failed: 15 }]],
    ['only for clients that left', [failing], { ending: 'client-left', own: false }],
    ['only for callers with keys of their own', [failing], { ending: 'failed', own: true }],
  ])('%s: nothing changes', async (_name, attempts, more) => {
    world = await startWorld();
    await planted(attempts, more);
    const { token } = await world.newcomer(10);
    expect(await gatewayOf('most', token)).toBe('openrouter');
    expect(await gatewayOf('few', token)).toBe('vercel');
  });
});

test('what is known of the gateways is asked for once a minute, not by every request', async () => {
  world = await startWorld();
  const { token } = await world.newcomer(10);
  expect(await gatewayOf('most', token)).toBe('openrouter');
  await planted([{ provider: 'openrouter', count: 30, failed: 30 }]);
  expect(await gatewayOf('most', token)).toBe('openrouter');
  // A new isolate knows nothing yet.
  await world.restartWorkerd();
  expect(await gatewayOf('most', token)).toBe('vercel');
});

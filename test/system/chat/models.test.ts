import { OpenAI } from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { ownerOf } from '../../support/custom-llm.ts';
import { memberOf } from '../../support/member.ts';
import { OpenRouterModels } from '../../support/openrouter-shapes.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

const PREFIXES = ['/api/openrouter', '/api/gateway', '/api/v1'];
const get = (path: string, headers: Readonly<Record<string, string>> = {}) =>
  fetch(`${world.url}${path}`, { headers });
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

async function listed(path: string, headers: Readonly<Record<string, string>> = {}) {
  const response = await get(path, headers);
  expect(response.status).toBe(200);
  const body = OpenRouterModels.parse(await response.json());
  expect(body.total_count).toBe(body.data.length);
  return body.data;
}
const idsOf = (list: Awaited<ReturnType<typeof listed>>) => list.map(({ id }) => id);

const AUTO = [
  'kilo/auto',
  'kilo/auto-free',
  'kilo/auto-small',
  'kilo-auto/frontier',
  'kilo-auto/balanced',
  'kilo-auto/efficient',
  'kilo-auto/free',
  'kilo-auto/small',
];
const FREE = [
  'minimax/minimax-m2.5:free',
  'moonshotai/kimi-k2.5:free',
  'giga-potato',
  'giga-potato-thinking',
  'corethink:free',
];

describe.each(PREFIXES)('%s/models', (prefix) => {
  test('without a token: the auto models, the free ones and the whole catalogue, each once', async () => {
    const ids = idsOf(await listed(`${prefix}/models`));
    expect(ids).toEqual(expect.arrayContaining([...AUTO, ...FREE, 'openai/gpt-5.2', 'sim/tool']));
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.slice(0, 2)).toEqual(['kilo/auto', 'kilo/auto-free']);
  });

  test('what would be refused for its name is not listed', async () => {
    const ids = idsOf(await listed(`${prefix}/models`));
    expect(ids).not.toContain('qwen/qwen3-coder:free');
    expect(ids).not.toContain('z-ai/glm-5:free');
  });

  test('openai reads it', async () => {
    const { token } = await world.newcomer(1);
    const client = new OpenAI({ baseURL: `${world.url}${prefix}`, apiKey: token });
    const page = await client.models.list();
    expect(page.data.map(({ id }) => id)).toContain('anthropic/claude-sonnet-4.6');
  });

  test('who runs the models behind the upstream is told', async () => {
    const response = await get(`${prefix}/providers`);
    const Providers = z.object({
      data: z.array(z.looseObject({ name: z.string(), slug: z.string() })),
    });
    const { data } = Providers.parse(await response.json());
    expect(data.map(({ slug }) => slug)).toContain('anthropic');
  });

  test('the catalogue by provider is that of the host application', async () => {
    const response = await get(`${prefix}/models-by-provider`);
    expect({ status: response.status, body: await response.json() }).toEqual({
      status: 200,
      body: {},
    });
  });
});

test('prices are those of the upstream, what is free is marked, and what is recommended has its place', async () => {
  const list = await listed('/api/openrouter/models');
  const entry = (id: string) => list.find((one) => one.id === id);
  expect(entry('anthropic/claude-opus-4.6')).toMatchObject({
    pricing: { prompt: '0.000005', completion: '0.000025', input_cache_read: '0.0000005' },
    isFree: false,
    preferredIndex: 6,
  });
  expect(entry('minimax/minimax-m2.5:free')).toMatchObject({
    pricing: { prompt: '0', completion: '0' },
    context_length: 204_800,
    isFree: true,
  });
  expect(entry('kilo/auto')).toMatchObject({ context_length: 1_000_000, preferredIndex: 0 });
});

describe('an organisation', () => {
  test('offers its members what it allows, wherever they ask', async () => {
    const member = await memberOf(world, {
      usd: 1,
      plan: 'enterprise',
      settings: { model_allow_list: ['anthropic/*', 'minimax/minimax-m2.5'] },
    });
    const allowed = [
      'anthropic/claude-opus-4.6',
      'anthropic/claude-sonnet-4.6',
      'kilo-auto/balanced',
      'kilo-auto/free',
      'kilo-auto/frontier',
      'kilo/auto',
      'kilo/auto-free',
      'minimax/minimax-m2.5',
      'minimax/minimax-m2.5:free',
    ];
    const path = `/api/organizations/${member.organization}/models`;
    const { token } = member;
    expect(idsOf(await listed(path, bearer(token))).toSorted()).toEqual(allowed);
    for (const prefix of PREFIXES) {
      expect(idsOf(await listed(`${prefix}/models`, bearer(token))).toSorted()).toEqual(allowed);
    }
  });

  test('an auto model that it would refuse in one mode is not offered', async () => {
    const member = await memberOf(world, {
      usd: 1,
      plan: 'enterprise',
      settings: { model_allow_list: ['anthropic/claude-sonnet-4.6'] },
    });
    const ids = idsOf(await listed('/api/openrouter/models', bearer(member.token)));
    expect(ids).toEqual(['anthropic/claude-sonnet-4.6']);
  });

  test('that forbids data collection is not offered what needs it', async () => {
    const member = await memberOf(world, { usd: 1, settings: { data_collection: 'deny' } });
    const ids = idsOf(await listed('/api/openrouter/models', bearer(member.token)));
    expect(ids).toContain('anthropic/claude-sonnet-4.6');
    expect(ids.filter((id) => [...FREE, 'kilo/auto-free', 'kilo-auto/free'].includes(id))).toEqual(
      [],
    );
  });

  test('offers its own models to its members, and to nobody else', async () => {
    const owner = await ownerOf(world, { provider: 'openai', scenario: 'sim/answer' });
    const list = await listed('/api/openrouter/models', bearer(owner.token));
    expect(list.find(({ id }) => id === owner.model)).toMatchObject({
      name: 'Its own',
      context_length: 100_000,
      top_provider: { max_completion_tokens: 8_000 },
      pricing: { prompt: '0', completion: '0' },
    });
    expect(idsOf(await listed('/api/openrouter/models'))).not.toContain(owner.model);
  });

  test('tells strangers nothing', async () => {
    const member = await memberOf(world, { usd: 1 });
    const stranger = await world.newcomer(1);
    for (const rest of ['models', 'modes', 'defaults']) {
      const path = `/api/organizations/${member.organization}/${rest}`;
      for (const headers of [{}, bearer('nonsense'), bearer(stranger.token)]) {
        const response = await get(path, headers);
        expect({ status: response.status, body: await response.json() }).toEqual({
          status: 401,
          body: { error: 'Unauthorized', message: 'A valid token is required. Please sign in.' },
        });
      }
      expect((await get(path, bearer(member.token))).status).toBe(200);
    }
    expect((await get('/api/organizations/nonsense/models', bearer(member.token))).status).toBe(
      401,
    );
  });
});

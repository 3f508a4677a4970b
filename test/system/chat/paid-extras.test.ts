import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { memberOf } from '../../support/member.ts';
import { startWorld, type World } from '../../support/world.ts';

const messages = [{ role: 'user', content: 'Hello!' }];
const SPONSORED = 'minimax/minimax-m2.5:free';
const LISTED = 'vendor/model:free';

let world: World;
beforeAll(async () => {
  world = await startWorld({ CLIENT_ADDRESS: 'forwarded' });
});
afterAll(() => world.stop());

let address = 0;
/** Each from an address of its own: what is free is limited by address. */
async function asked(body: object, token?: string, headers: Readonly<Record<string, string>> = {}) {
  address += 1;
  const before = world.simulator.log().length;
  const response = await world.ask({
    body: { messages, ...body },
    headers: { 'x-forwarded-for': `192.0.2.${address}`, ...headers },
    ...(token !== undefined && { token }),
  });
  const text = await response.text();
  const sent = world.simulator.log().slice(before);
  return { status: response.status, text, sent };
}

const paidFields: readonly (readonly [string, object])[] = [
  ['plugins[0]', { plugins: [{ id: 'web' }] }],
  ['plugins[0]', { plugins: [{ id: 'file-parser', pdf: { engine: 'mistral-ocr' } }] }],
  ['plugins[0]', { plugins: [{ id: 'fusion', analysis_models: ['anthropic/claude-opus-4.6'] }] }],
  ['plugins[0]', { plugins: [{ id: 'auto-router', allowed_models: ['anthropic/*'] }] }],
  ['web_search_options', { web_search_options: { search_context_size: 'high' } }],
  ['preset', { preset: 'dear' }],
  ['service_tier', { service_tier: 'priority' }],
  ['tools[0]', { tools: [{ type: 'openrouter:web_search' }] }],
  ['tools[0]', { tools: [{ type: 'web_search_preview' }] }],
  ['models[0]', { models: ['anthropic/claude-opus-4.6'] }],
];

describe.each([SPONSORED, LISTED])('%s, for which nobody is charged', (model) => {
  test.each(paidFields)('is not asked for with %s (%j)', async (field, fields) => {
    const { token } = await world.newcomer(0);
    for (const caller of [undefined, token]) {
      const { status, text, sent } = await asked({ model, ...fields }, caller);
      // A caller with an account may pay for a fallback, but has no credit.
      const isPayable = model === LISTED && field === 'models[0]' && caller !== undefined;
      expect({ status, sent }).toEqual({ status: isPayable ? 402 : 400, sent: [] });
      expect(text).toContain(isPayable ? 'credits' : `\`${field}\``);
    }
  });

  test('is asked for with what clients send, and without what nobody knows', async () => {
    const fields = {
      reasoning: { effort: 'low' },
      verbosity: 'low',
      prompt_cache_key: 'key',
      transforms: ['middle-out'],
      usage: { include: true },
      plugins: [{ id: 'response-healing' }],
      tools: [{ type: 'function', function: { name: 'read', parameters: {} } }],
    };
    const { status, sent } = await asked({ model, ...fields, from_the_future: { engine: 'dear' } });
    expect(status).toBe(200);
    const { prompt_cache_key: own, ...kept } = fields;
    expect(sent[0]?.body).toMatchObject(kept);
    expect(sent[0]?.body?.['prompt_cache_key']).not.toBe(own);
    expect(sent[0]?.body).not.toHaveProperty('from_the_future');
  });

  test('reads a file by the parser that is free', async () => {
    const file = {
      type: 'file',
      file: { filename: 'a.pdf', file_data: 'https://example.com/a.pdf' },
    };
    const { status, sent } = await asked({ model, messages: [{ role: 'user', content: [file] }] });
    expect(status).toBe(200);
    expect(sent[0]?.body).toMatchObject({
      plugins: [{ id: 'file-parser', pdf: { engine: 'cloudflare-ai' } }],
    });
  });
});

test('does not let a caller choose the hosts of a model that the house pays for', async () => {
  const order = { provider: { order: ['fireworks'] } };
  const sponsored = await asked({ model: SPONSORED, ...order });
  expect(sponsored).toMatchObject({ status: 400, sent: [] });
  expect(sponsored.text).toContain('`provider.order`');
  expect(await asked({ model: LISTED, ...order })).toMatchObject({ status: 200 });
});

test.each([2, '2', [2], { n: 2 }])(
  'does not send a sponsored model a request for %j answers',
  async (n) => {
    const refused = await asked({ model: SPONSORED, n });
    expect(refused).toMatchObject({ status: 400, sent: [] });
    expect(refused.text).toContain('`n`');
    for (const one of [1, null]) {
      expect(await asked({ model: SPONSORED, n: one })).toMatchObject({ status: 200 });
    }
  },
);

test('passes the extras of a payer without rules as they are', async () => {
  const { token } = await world.newcomer(10);
  const fields = {
    plugins: [{ id: 'web', max_results: 3 }],
    web_search_options: {},
    from_the_future: true,
  };
  const { status, sent } = await asked({ model: 'sim/answer', ...fields }, token);
  expect(status).toBe(200);
  expect(sent[0]?.body).toMatchObject(fields);
});

test('prefers no host that the list of an organization lacks', async () => {
  const settings = { provider_allow_list: ['anthropic', 'openai'] };
  const { token } = await memberOf(world, { usd: 10, plan: 'enterprise', settings });
  const { sent } = await asked({ model: 'anthropic/claude-sonnet-4.6' }, token);
  expect(sent[0]?.body?.['provider']).toEqual({
    only: ['anthropic', 'openai'],
    order: ['anthropic'],
  });
});

test('holds an organisation to its lists in every field that names a model', async () => {
  const settings = { model_allow_list: ['sim/*', 'openai/gpt-5.2'] };
  const { token } = await memberOf(world, { usd: 10, plan: 'enterprise', settings });
  const fusion = (model: string) => ({
    tools: [
      {
        type: 'openrouter:fusion',
        parameters: { analysis_models: [model], model: 'openai/gpt-5.2' },
      },
    ],
  });
  const model = 'sim/answer';
  const forbidden = await asked({ model, ...fusion('anthropic/claude-opus-4.6') }, token);
  expect(forbidden).toMatchObject({ status: 400, sent: [] });
  expect(forbidden.text).toContain('`tools[0]`');
  expect(await asked({ model, ...fusion('openai/gpt-5.2') }, token)).toMatchObject({ status: 200 });

  const fallback = await asked(
    { model, models: ['openai/gpt-5.2', 'google/gemini-3.1-pro-preview'] },
    token,
  );
  expect(fallback).toMatchObject({ status: 400, sent: [] });
  expect(fallback.text).toContain('`models[1]`');
});

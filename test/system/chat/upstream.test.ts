import { type Delivered, type Simulator, startSimulator } from '@gateway/local/simulator';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bodyOf, commonHeaders, hash, headersOf } from '../../support/upstream.ts';
import { startWorld, type World } from '../../support/world.ts';

// What each upstream is sent, as it arrives there: the whole URL, every header, the whole body.

let others: Simulator;
let world: World;
let person: Awaited<ReturnType<World['newcomer']>>;
beforeAll(async () => {
  // Takes any key, so that a key that goes to the wrong provider is seen and not refused.
  others = await startSimulator();
  world = await startWorld({
    GIGAPOTATO_BASE_URL: others.urlOf('gigapotato'),
    GIGAPOTATO_API_KEY: 'key-of-gigapotato',
    CORETHINK_BASE_URL: others.urlOf('corethink'),
    CORETHINK_API_KEY: 'key-of-corethink',
  });
  person = await world.newcomer(1000);
});
afterAll(async () => {
  await world.stop();
  await others.close();
});

const upstreams = {
  openrouter: { path: '/api/v1/chat/completions', key: 'simulator' },
  gigapotato: {
    path: '/gigapotato/v1/chat/completions',
    key: 'key-of-gigapotato',
  },
  corethink: {
    path: '/corethink/v1/chat/completions',
    key: 'key-of-corethink',
  },
} as const;
type Upstream = keyof typeof upstreams;

async function sentFor(
  upstream: Upstream,
  request: Parameters<World['ask']>[0],
): Promise<Delivered> {
  const log = upstream === 'openrouter' ? world.simulator.log : others.log;
  const before = log().length;
  const response = await world.ask({ token: person.token, ...request });
  await response.text();
  const entry = log().at(-1);
  if (!entry || log().length !== before + 1) {
    throw new Error(`Nothing was sent: ${response.status}`);
  }
  return entry;
}
const ephemeral = { type: 'ephemeral' };
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const potatoRule = {
  type: 'text',
  text: 'You are an AI assistant in Kilo. Your name is Giga Potato. Do not reveal your model size, architecture, or any information that could hint at your origin or capabilities.',
};

const plain = [
  { role: 'system', content: 'Be brief.' },
  { role: 'user', content: 'Hello!' },
];
const cached = [
  { role: 'system', content: [{ type: 'text', text: 'Be brief.', cache_control: ephemeral }] },
  { role: 'user', content: [{ type: 'text', text: 'Hello!', cache_control: ephemeral }] },
];
const ruled = [
  { role: 'system', content: [{ type: 'text', text: 'Be brief.' }, potatoRule] },
  { role: 'user', content: 'Hello!' },
];

type Variant = {
  readonly task: boolean;
  readonly final: boolean;
  readonly reasoning: boolean;
  readonly verbosity: boolean;
};
type Row = {
  readonly upstream?: Upstream;
  /** When a tool that ends the work makes a tool call required. */
  readonly requires?: 'always' | 'without reasoning';
  readonly headers?: (key: string | null) => Readonly<Record<string, unknown>>;
  /** Of the body, beside what every upstream gets. Undefined: the field is not sent. */
  readonly body: Readonly<Record<string, unknown>>;
};

const anthropic = {
  headers: () => ({ 'x-anthropic-beta': 'fine-grained-tool-streaming-2025-05-14' }),
  body: { messages: cached, provider: { order: ['amazon-bedrock', 'anthropic'] } },
};
const potato = (type: string): Row => ({
  upstream: 'gigapotato',
  body: {
    model: 'ep-20260109111813-hztxv',
    provider: { only: ['stealth'] },
    messages: ruled,
    thinking: { type },
  },
});

const golden: Readonly<Record<string, Row>> = {
  'anthropic/claude-opus-4.6': anthropic,
  'Anthropic/Claude-Sonnet-4.6': anthropic,
  'anthropic/claude-haiku-4.5': { ...anthropic, requires: 'without reasoning' },
  'openai/gpt-5.2': { requires: 'always', body: {} },
  'openai/gpt-oss-120b': { body: {} },
  'google/gemini-3.1-pro-preview': { requires: 'always', body: {} },
  'google/gemma-3-27b-it': { body: {} },
  'x-ai/grok-code-fast-1': {
    requires: 'always',
    headers: (key) => ({
      'x-grok-conv-id': key ?? expect.stringMatching(uuid),
      'x-grok-req-id': expect.stringMatching(uuid),
    }),
    body: {},
  },
  'mistralai/devstral-2512': { requires: 'always', body: { provider: { order: ['mistral'] } } },
  'moonshotai/kimi-k2.5': {
    body: { provider: { order: ['moonshotai'] }, temperature: undefined },
  },
  'qwen/qwen3-coder': { body: { max_tokens: 32_768 } },
  'z-ai/glm-5': { body: { provider: { order: ['z-ai'] } } },
  'minimax/minimax-m2.5': { body: { provider: { order: ['minimax'] } } },
  'deepseek/deepseek-v3.2': { body: {} },
  'openrouter/sonoma-sky-alpha': { body: {} },
  'minimax/minimax-m2.5:free': {
    body: { model: 'minimax/minimax-m2.5', provider: { order: ['minimax'] } },
  },
  'moonshotai/kimi-k2.5:free': {
    body: {
      model: 'moonshotai/kimi-k2.5',
      provider: { order: ['moonshotai'] },
      temperature: undefined,
    },
  },
  'giga-potato': potato('disabled'),
  'giga-potato-thinking': potato('enabled'),
  'corethink:free': {
    upstream: 'corethink',
    body: {
      model: 'corethink',
      provider: { only: ['corethink'] },
      prompt_cache_key: undefined,
      safety_identifier: undefined,
    },
  },
};

const both = [false, true];
const variants: readonly Variant[] = both.flatMap((task) =>
  both.flatMap((final) =>
    both.flatMap((reasoning) => both.map((verbosity) => ({ task, final, reasoning, verbosity }))),
  ),
);
const tools = ['read_file', 'attempt_completion'].map((name) => ({
  type: 'function',
  function: { name, parameters: { type: 'object', properties: {} } },
}));

describe.each(Object.entries(golden))('%s', (model, row) => {
  const { upstream = 'openrouter', requires, headers } = row;

  test.each(variants)('%j', async (variant) => {
    const asked = {
      model,
      messages: plain,
      temperature: 0.7,
      max_tokens: 40_000,
      ...(variant.final && { tools }),
      ...(variant.reasoning && { reasoning: { enabled: true } }),
      ...(variant.verbosity && { verbosity: 'high' }),
    };
    const sent = await sentFor(upstream, {
      body: asked,
      ...(variant.task && { headers: { 'x-kilocode-taskid': 'task-abc' } }),
    });

    const key = variant.task ? hash(upstream, `${person.id}task-abc`) : null;
    const isRequired =
      variant.final && (requires === 'always' || (requires !== undefined && !variant.reasoning));
    expect(`${sent.method} ${sent.path}`).toBe(`POST ${upstreams[upstream].path}`);
    expect(headersOf(sent)).toEqual({
      ...commonHeaders(upstreams[upstream].key),
      ...headers?.(key),
    });
    expect(bodyOf(sent)).toEqual({
      ...asked,
      stream_options: { include_usage: true },
      user: hash(upstream, person.id),
      safety_identifier: hash(upstream, person.id),
      ...(key !== null && { prompt_cache_key: key }),
      ...(isRequired && { tool_choice: 'required' }),
      ...row.body,
    });
  });
});

describe('an auto model', () => {
  test.each([
    ['kilo/auto', 'architect', 'anthropic/claude-opus-4.6', 'high'],
    ['kilo/auto', 'build', 'anthropic/claude-sonnet-4.6', 'medium'],
    ['KILO/Auto', null, 'anthropic/claude-sonnet-4.6', 'low'],
    ['kilo-auto/frontier', 'code', 'anthropic/claude-opus-4.6', 'high'],
    ['kilo/auto-small', null, 'openai/gpt-5-nano', 'medium'],
    ['kilo/auto-free', null, 'minimax/minimax-m2.5', 'medium'],
  ])('%s in mode %s is sent as %s', async (model, mode, resolved, verbosity) => {
    const sent = await sentFor('openrouter', {
      body: { model, messages: plain, verbosity: 'medium' },
      ...(mode !== null && { headers: { 'x-kilocode-mode': mode } }),
    });
    expect(bodyOf(sent)).toMatchObject({ model: resolved, verbosity });
  });

  test('the row names what was asked for and what was served', async () => {
    const somebody = await world.newcomer(10);
    const body = { model: 'kilo/auto', messages: plain };
    await (await world.ask({ token: somebody.token, body })).text();
    const [row] = await somebody.rows(1);
    expect(row).toMatchObject({
      auto_model: 'kilo/auto',
      requested_model: 'anthropic/claude-sonnet-4.6',
    });
  });
});

describe('whatever a client sends', () => {
  test.each([
    [' deepseek/deepseek-v3.2', 'deepseek/deepseek-v3.2'],
    ['\tAnthropic/Claude-Sonnet-4.6 \n', 'Anthropic/Claude-Sonnet-4.6'],
  ])('the model id %j is sent trimmed, in its own case', async (model, sentAs) => {
    const sent = await sentFor('openrouter', { body: { model, messages: plain } });
    expect(bodyOf(sent)).toMatchObject({ model: sentAs });
  });

  test('its query string and its headers stay here', async () => {
    const sent = await sentFor('openrouter', {
      path: '/api/openrouter/chat/completions?user=root',
      body: { model: 'deepseek/deepseek-v3.2', messages: plain },
      headers: {
        cookie: 'a=b',
        'http-referer': 'https://example.com',
        traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
        'x-kilocode-organizationid': '',
        'x-title': 'Somebody',
      },
    });
    expect(sent.path).toBe('/api/v1/chat/completions');
    expect(headersOf(sent)).toEqual(commonHeaders('simulator'));
  });

  test('its names for itself are replaced, and its cache key becomes its own', async () => {
    const sent = await sentFor('openrouter', {
      body: {
        model: 'x-ai/grok-code-fast-1',
        messages: plain,
        user: 'root',
        safety_identifier: 'root',
        prompt_cache_key: 'key',
      },
    });
    const key = hash('openrouter', `${person.id}key`);
    expect(bodyOf(sent)).toMatchObject({
      user: hash('openrouter', person.id),
      safety_identifier: hash('openrouter', person.id),
      prompt_cache_key: key,
    });
    expect(headersOf(sent)).toMatchObject({ 'x-grok-conv-id': key });
  });

  test('sends fallback models and fields that we have never heard of', async () => {
    const sent = await sentFor('openrouter', {
      body: {
        model: 'deepseek/deepseek-v3.2',
        models: [' anthropic/claude-opus-4.6', 'deepseek/deepseek-v3.2'],
        messages: plain,
        brand_new: { deep: [1] },
      },
    });
    expect(bodyOf(sent)).toMatchObject({
      models: ['anthropic/claude-opus-4.6'],
      brand_new: { deep: [1] },
    });
  });

  test.each(['anthropic/claude-sonnet-4.6', 'mistralai/devstral-2512'])(
    'messages that are no list are for the upstream of %s to judge',
    async (model) => {
      const sent = await sentFor('openrouter', { body: { model, messages: 'Hello!' } });
      expect(bodyOf(sent)).toMatchObject({ messages: 'Hello!' });
      expect(sent.status).toBe(400);
    },
  );

  test('an interrupted tool call gets a result, and an id that the model takes', async () => {
    const call = { id: 'call_abc123', type: 'function', function: { name: 'x', arguments: '{}' } };
    const messages = [
      { role: 'user', content: 'Hello!' },
      { role: 'assistant', content: '', tool_calls: [call, call] },
      { role: 'user', content: 'Go on.' },
    ];
    const sent = await sentFor('openrouter', {
      body: { model: 'mistralai/devstral-2512', messages },
    });
    expect(bodyOf(sent)).toMatchObject({
      messages: [
        messages[0],
        { role: 'assistant', content: '', tool_calls: [{ ...call, id: '3d62e741f' }] },
        {
          role: 'tool',
          tool_call_id: '3d62e741f',
          content: 'Tool execution was interrupted before completion.',
        },
        messages[2],
      ],
      temperature: 0.2,
    });
  });

  test('reasoning that one client repeats is sent once', async () => {
    const detail = { type: 'reasoning.text', text: 'hm', signature: 's' };
    const messages = [
      { role: 'user', content: 'Hello!' },
      { role: 'assistant', content: 'Hi.', reasoning_details: [detail, detail] },
    ];
    const body = { model: 'z-ai/glm-5', messages };
    const repeating = await sentFor('openrouter', {
      body,
      headers: { 'user-agent': 'opencode-kilo-provider/1.2' },
    });
    expect(bodyOf(repeating)).toMatchObject({
      messages: [messages[0], { reasoning_details: [detail] }],
    });
    const other = await sentFor('openrouter', { body });
    expect(bodyOf(other)).toMatchObject({ messages });
  });
});

describe('an organisation', () => {
  const erin = () => world.tokens['erin'] ?? '';
  const ofErin = (model: string, more: object = {}) => ({
    token: erin(),
    body: { model, messages: plain, ...more },
  });

  test('that allows certain providers keeps a request within them', async () => {
    const provider = { order: ['azure', 'openai'], only: ['azure', 'openai'], sort: 'price' };
    const sent = await sentFor('openrouter', ofErin('openai/gpt-5.2', { provider }));
    expect(bodyOf(sent)).toMatchObject({
      provider: { only: ['openai'], order: ['openai'], sort: 'price' },
    });
    const preferring = await sentFor('openrouter', ofErin('anthropic/claude-sonnet-4.6'));
    expect(bodyOf(preferring)).toMatchObject({
      provider: { only: ['anthropic', 'openai'], order: ['anthropic'] },
    });
  });

  test.each([
    'openai/gpt-5.3-codex',
    'google/gemini-3.1-pro-preview',
    'corethink:free',
    'giga-potato',
    'kilo/auto-free',
    'kilo/auto-small',
  ])('that does not allow %s does not send it', async (model) => {
    const response = await world.ask(ofErin(model));
    expect(response.status).toBe(404);
    expect(await response.json()).toEqual({
      error: 'Model not allowed for your team.',
      message: 'The requested model is not allowed for your team.',
    });
  });
});

test.each([
  ['z-ai/glm-5:free', 'The alpha period for this model has ended.'],
  ['x-ai/grok-code-fast-1:optimized:free', 'The alpha period for this model has ended.'],
  ['qwen/qwen3-coder:free', 'Model not found'],
])('%s is not sent to anybody', async (model, error) => {
  const response = await world.ask({ body: { model, messages: plain } });
  expect(response.status).toBe(404);
  expect(await response.json()).toMatchObject({ error });
});

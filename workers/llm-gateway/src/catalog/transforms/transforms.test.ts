import { ModelId } from '@gateway/worker-utils/ids';
import { expect, test } from 'vitest';
import { modelOf } from '../models/catalogue.ts';
import type { Provider } from '../providers/provider.ts';
import { providers } from '../providers/registry.ts';
import type { ChatRequest } from '../../request/chat-request.ts';
import type { Draft, Transform, TransformContext } from './transform.ts';

// What each maker's models and each provider ask for, one by one. How they come together is shown against the running stack.

async function through(
  transforms: readonly Transform[],
  resolved: string,
  chat: object,
  ownCredentials: TransformContext['byokCredentials'] = null,
): Promise<Draft> {
  const id = ModelId.parse(resolved);
  const { sponsored } = modelOf(id, id);
  let draft: Draft = { chat: { model: resolved, ...chat }, headers: {} };
  for (const transform of transforms) {
    draft = await transform(draft, {
      resolved: id,
      sponsored,
      byokCredentials: ownCredentials,
      randomId: () => 'random',
      nextTurn: async () => undefined,
    });
  }
  return draft;
}
const forModel = (resolved: string, chat: object): Promise<Draft> => {
  const id = ModelId.parse(resolved);
  return through(modelOf(id, id).family?.transforms ?? [], resolved, chat);
};
const forProvider = (provider: Provider, resolved: string, chat: object): Promise<Draft> =>
  through(provider.transforms, resolved, chat);
const body = async (draft: Promise<Draft>): Promise<ChatRequest> => (await draft).chat;

const tool = (name: string, more: object = {}) => ({
  type: 'function',
  function: { name, ...more },
});
const agent = { tools: [tool('read'), tool('attempt_completion')] };

test.each([
  ['x-ai/grok-code-fast-1', {}, 'required'],
  ['openai/gpt-5.2', {}, 'required'],
  ['openai/gpt-oss-120b', {}, undefined],
  ['google/gemini-3.1-pro-preview', {}, 'required'],
  ['google/gemma-3', {}, undefined],
  ['anthropic/claude-sonnet-4.6', {}, undefined],
  ['anthropic/claude-haiku-4.5', {}, 'required'],
  ['anthropic/claude-haiku-4.5', { reasoning: { enabled: true } }, undefined],
  ['anthropic/claude-haiku-4.5', { reasoning: { enabled: false } }, 'required'],
  ['anthropic/claude-haiku-4.5', { reasoning: { effort: 'none' } }, 'required'],
  ['anthropic/claude-haiku-4.5', { reasoning: { effort: 'low' } }, undefined],
  ['anthropic/claude-haiku-4.5', { reasoning: { max_tokens: 0 } }, 'required'],
  ['anthropic/claude-haiku-4.5', { reasoning: { max_tokens: 1 } }, undefined],
  ['mistralai/devstral-2512', {}, 'required'],
  ['moonshotai/kimi-k2.5', {}, undefined],
  ['z-ai/glm-5', {}, undefined],
])('%s with %j and a final tool: tool_choice is %j', async (model, more, expected) => {
  expect((await body(forModel(model, { ...agent, ...more })))['tool_choice']).toBe(expected);
});

test.each([
  [{ tools: [tool('read')] }],
  [{ tools: [{ type: 'custom', custom: { name: 'attempt_completion' } }] }],
  [{ tools: 'attempt_completion' }],
  [{ tools: [null, { type: 'function' }] }],
  [{}],
])('without the final tool nothing is required: %j', async (chat) => {
  expect(await body(forModel('openai/gpt-5.2', chat))).not.toHaveProperty('tool_choice');
});

test('xAI finds a conversation by its cache key, or gets a new one', async () => {
  expect((await forModel('x-ai/grok-4', { prompt_cache_key: 'key' })).headers).toEqual({
    'x-grok-conv-id': 'key',
    'x-grok-req-id': 'random',
  });
  expect((await forModel('x-ai/grok-4', {})).headers).toEqual({
    'x-grok-conv-id': 'random',
    'x-grok-req-id': 'random',
  });
});

test('Anthropic streams tools in fine grains, and gets tool ids without points', async () => {
  const messages = [{ role: 'assistant', tool_calls: [{ id: 'call.1' }, { id: 'call-1' }] }];
  const { chat, headers } = await forModel('anthropic/claude-sonnet-4.6', { messages });
  expect(headers).toEqual({ 'x-anthropic-beta': 'fine-grained-tool-streaming-2025-05-14' });
  const id = 'e8b7b7b3793f991dd79d37cbf2fd785d18c946a18a1f1cd92454fd4a5958ef14';
  expect(chat['messages']).toEqual([{ role: 'assistant', tool_calls: [{ id }, { id: 'call-1' }] }]);
});

test('Moonshot keeps its own temperature', async () => {
  const chat = await body(forModel('moonshotai/kimi-k2.5', { temperature: 1, top_p: 1 }));
  expect(chat).toEqual({ model: 'moonshotai/kimi-k2.5', top_p: 1 });
});

test.each([
  [{ max_tokens: 40_000, max_completion_tokens: 50_000 }, [32_768, 32_768]],
  [{ max_tokens: 32_768, max_completion_tokens: 1 }, [32_768, 1]],
  [{ max_tokens: null }, [null, undefined]],
  [{}, [undefined, undefined]],
])('Qwen answers %j with at most 32 768 tokens', async (asked, expected) => {
  const chat = await body(forModel('qwen/qwen3-max', asked));
  expect([chat['max_tokens'], chat['max_completion_tokens']]).toEqual(expected);
});

test.each([
  [{}, 0.2],
  [{ temperature: 0 }, 0],
  [{ temperature: null }, null],
])('Mistral has a temperature of its own where none is said: %j', async (asked, expected) => {
  expect((await body(forModel('mistralai/devstral-2512', asked)))['temperature']).toBe(expected);
});

test('Mistral gets ids of nine characters and tools without `strict`', async () => {
  const chat = await body(
    forModel('mistralai/devstral-2512', {
      tools: [tool('read', { strict: true }), { type: 'custom', strict: true }],
      messages: [
        { role: 'assistant', tool_calls: [{ id: 'call_abc123' }, { id: '123456789' }] },
        { role: 'tool', tool_call_id: 'call_abc123' },
      ],
    }),
  );
  expect(chat).toEqual({
    model: 'mistralai/devstral-2512',
    temperature: 0.2,
    tools: [tool('read'), { type: 'custom', strict: true }],
    messages: [
      { role: 'assistant', tool_calls: [{ id: '3d62e741f' }, { id: '123456789' }] },
      { role: 'tool', tool_call_id: '3d62e741f' },
    ],
  });
});

test('the API of Mistral gets only what it knows, and the cache key as a header', async () => {
  const { chat, headers } = await forProvider(providers.mistral, 'codestral', {
    reasoning: {},
    reasoning_effort: 'low',
    transforms: [],
    safety_identifier: 'u',
    prompt_cache_key: 'key',
    user: 'u',
    provider: {},
    messages: [{ role: 'assistant', reasoning: 'r', reasoning_details: [] }],
  });
  expect(headers).toEqual({ 'x-affinity': 'key' });
  expect(chat).toEqual({
    model: 'codestral',
    temperature: 0.2,
    messages: [{ role: 'assistant', reasoning: 'r' }],
  });
});

test('CoreThink gets only what it knows', async () => {
  const chat = await body(
    forProvider(providers.corethink, 'corethink:free', {
      transforms: [],
      prompt_cache_key: 'k',
      safety_identifier: 'u',
      description: '',
      usage: {},
      user: 'u',
      stream_options: {},
      provider: {},
      messages: [null, { role: 'assistant', reasoning: 'r', reasoning_details: [], content: '' }],
    }),
  );
  expect(chat).toEqual({
    model: 'corethink:free',
    user: 'u',
    stream_options: {},
    provider: {},
    messages: [null, { role: 'assistant', content: '' }],
  });
});

const text = (content: string) => ({ type: 'text', text: content });
const rule = text(
  'You are an AI assistant in Kilo. Your name is Giga Potato. Do not reveal your model size, architecture, or any information that could hint at your origin or capabilities.',
);
const user = { role: 'user', content: 'hi' };
test.each<[string, unknown[], unknown[]]>([
  ['a list', [text('be brief')], [text('be brief'), rule]],
  ['an empty list', [], [rule]],
])('Giga Potato is told its name after %s', async (_name, content, expected) => {
  const messages = [user, { role: 'system', content }, { role: 'system', content: 'second' }];
  const chat = await body(forProvider(providers.gigapotato, 'giga-potato', { messages }));
  expect(chat['messages']).toEqual([
    user,
    { role: 'system', content: expected },
    { role: 'system', content: 'second' },
  ]);
});

test.each([
  [[{ role: 'system', content: 'be brief' }], [text('be brief'), rule]],
  [[{ role: 'system', content: '' }], [rule]],
  [[], [rule]],
])('Giga Potato is told its name: %j', async (system, content) => {
  const messages = [...system, user];
  const chat = await body(forProvider(providers.gigapotato, 'giga-potato', { messages }));
  expect(chat['messages']).toEqual([{ role: 'system', content }, user]);
});

test.each([
  ['giga-potato', 'disabled'],
  ['giga-potato-thinking', 'enabled'],
])('thinking of %s is %s', async (model, type) => {
  const chat = await body(forProvider(providers.gigapotato, model, {}));
  expect(chat).toEqual({ model, thinking: { type } });
});

test.each([
  [{}, { gateway: {} }],
  [
    {
      provider: {
        only: ['amazon-bedrock', 'Google-Vertex/us', 'z-ai'],
        order: ['google-ai-studio', 'minimax/fp8'],
        zdr: true,
        data_collection: 'allow',
      },
    },
    {
      gateway: {
        only: ['bedrock', 'vertex', 'zai'],
        order: ['google', 'minimax'],
        zeroDataRetention: true,
      },
    },
  ],
  [{ verbosity: 'high' }, { gateway: {}, anthropic: { effort: 'high' } }],
  [{ providerOptions: { gateway: { byok: {} } } }, { gateway: {} }],
])('Vercel gets %j as providerOptions of ours', async (sent, providerOptions) => {
  const chat = await body(forProvider(providers.vercel, 'z-ai/glm-5', sent));
  expect(JSON.parse(JSON.stringify(chat))).toEqual({
    model: 'zai/glm-5',
    providerOptions,
    ...('verbosity' in sent && { verbosity: sent.verbosity }),
  });
});

test('Vercel gets BYOK keys by provider, in their order, and may use nothing else', async () => {
  const own = [
    { provider: 'zai', entries: [{ apiKey: 'z', baseURL: 'https://z.example' }, { apiKey: 'z' }] },
    { provider: 'mistral', entries: [{ apiKey: 'm1' }] },
    { provider: 'bedrock', entries: [{ accessKeyId: 'a', secretAccessKey: 's', region: 'r' }] },
    { provider: 'mistral', entries: [{ apiKey: 'm2' }] },
  ];
  const sent = {
    provider: { only: ['azure'], order: ['azure'], zdr: true },
    providerOptions: { gateway: { byok: { openai: [{ apiKey: 'of the client' }] } } },
    verbosity: 'high',
  };
  const { chat } = await through(providers.vercel.transforms, 'z-ai/glm-5', sent, own);
  expect(chat).toEqual({
    model: 'zai/glm-5',
    verbosity: 'high',
    providerOptions: {
      gateway: {
        only: ['zai', 'mistral', 'bedrock'],
        byok: {
          zai: own[0]?.entries,
          mistral: [{ apiKey: 'm1' }, { apiKey: 'm2' }],
          bedrock: own[2]?.entries,
        },
      },
      anthropic: { effort: 'high' },
    },
  });
});

test("Anthropic's betas reach it through Vercel under its own header", async () => {
  const model = 'anthropic/claude-sonnet-4.6';
  const transforms = [
    ...(modelOf(ModelId.parse(model), ModelId.parse(model)).family?.transforms ?? []),
    ...providers.vercel.transforms,
  ];
  expect((await through(transforms, model, {})).headers).toEqual({
    'anthropic-beta': 'fine-grained-tool-streaming-2025-05-14,context-1m-2025-08-07',
  });
  expect((await forProvider(providers.vercel, model, {})).headers).toEqual({
    'anthropic-beta': 'context-1m-2025-08-07',
  });
  expect((await forProvider(providers.vercel, 'openai/gpt-5.2', {})).headers).toEqual({});
});

const readFile = (line_ranges: object) =>
  tool('read_file', {
    parameters: {
      type: 'object',
      properties: { files: { type: 'array', items: { properties: { line_ranges } } } },
    },
  });
test('Gemini at Vercel gets no list of types', async () => {
  const items = { type: 'array' };
  const sent = { tools: [tool('other'), readFile({ type: ['array', 'null'], items, title: 't' })] };
  const gemini = await body(forProvider(providers.vercel, 'google/gemini-3.1-pro-preview', sent));
  const anyOf = [{ type: 'null' }, { type: 'array', items }];
  expect(gemini['tools']).toEqual([tool('other'), readFile({ title: 't', anyOf })]);
  const other = await body(forProvider(providers.vercel, 'z-ai/glm-5', sent));
  expect(other['tools']).toEqual(sent.tools);
  const odd = { tools: [readFile({ type: 'array' }), tool('read_file'), null] };
  const untouched = await body(forProvider(providers.vercel, 'google/gemini-3.1-pro-preview', odd));
  expect(untouched['tools']).toEqual(odd.tools);
});

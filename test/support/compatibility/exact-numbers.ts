import { expect } from 'vitest';
import { ownerOf } from '../custom-llm.ts';
import { memberOf } from '../member.ts';
import type { Row, Seen } from './row.ts';

/** Of each, JavaScript would write another number, or write it otherwise. */
const NUMBERS = [
  '12345678901234567890',
  '9223372036854775807',
  '1e400',
  '1.0',
  '-0',
  '0.1234567890123456789',
] as const;
const fields = NUMBERS.map((number, index) => `"field_${index}":${number}`).join(',');
const schema = `{"type":"object","properties":{"id":{"type":"integer","maximum":9223372036854775807,"multipleOf":1.0}}}`;
const tools = `[{"type":"function","function":{"name":"read","parameters":${schema}}}]`;
const argumentsText = '{"id":12345678901234567890,"share":1.0}';
const messages = `[
  {"role":"system","content":"Be brief."},
  {"role":"user","content":"Hello!","extra":[1e400,-0,{"deep":1.0}]},
  {"role":"assistant","content":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"read","arguments":${JSON.stringify(argumentsText)}}}]},
  {"role":"tool","tool_call_id":"call_1","content":"contents"}
]`;
const chatFor = (model: string): string =>
  `{"model":"${model}","seed":12345678901234567890,"temperature":1.0,"tools":${tools},"messages":${messages},${fields}}`;

const sentText = ({ delivered }: Seen): string =>
  delivered.map(({ rawBody }) => rawBody).join('\n');
const expectSent = (seen: Seen, ...texts: readonly string[]): void => {
  for (const text of texts) expect(sentText(seen)).toContain(text);
};

/** Whatever a model needs to be changed round them. */
const passed = (model: string, surfaces: Row['surfaces'], provider = 'openrouter'): Row => ({
  name: `every number is sent to ${model} at ${provider} as it was written`,
  surfaces,
  caller: async (world) => world.newcomer(10),
  headers: provider === 'vercel' ? { 'x-kilocode-taskid': 'task-15' } : {},
  request: chatFor(model),
  client: { status: 200 },
  usage: { has_error: false, provider },
  check: (seen) => {
    const temperature = model.startsWith('moonshotai/') ? [] : ['"temperature":1.0'];
    // A free model gets the known fields of a request alone.
    const unknown = model.endsWith(':free') ? [] : [fields];
    expectSent(
      seen,
      `"parameters":${schema}`,
      '"seed":12345678901234567890',
      '"extra":[1e400,-0,{"deep":1.0}]',
      ...temperature,
      ...unknown,
    );
  },
});

const custom = (surface: 'custom-openai' | 'custom-anthropic', input: string): Row => ({
  name: 'numbers of schemas and arguments reach a custom LLM as they were written',
  surfaces: [surface],
  caller: async (world) => {
    const provider = surface === 'custom-openai' ? 'openai' : 'anthropic';
    return ownerOf(
      world,
      { provider, scenario: 'sim/answer' },
      { row: { public_id: 'kilo-internal/exact-' + provider } },
    );
  },
  request: `{"model":"kilo-internal/exact-${surface === 'custom-openai' ? 'openai' : 'anthropic'}","max_tokens":1000.0,"tools":${tools},"messages":${messages}}`,
  client: { status: 200 },
  usage: { has_error: false, max_tokens: 1000 },
  check: (seen) => expectSent(seen, schema, input),
});

const limited = (fieldsOf: string) =>
  `{"model":"deepseek/deepseek-v3.2","messages":[{"role":"user","content":"Hello!"}],${fieldsOf}}`;

export const exactNumbers: readonly Row[] = [
  passed('deepseek/deepseek-v3.2', ['paid', 'v1', 'keyed']),
  passed('anthropic/claude-sonnet-4.6', ['paid']),
  passed('mistralai/devstral-2512', ['paid']),
  passed('moonshotai/kimi-k2.5', ['paid']),
  passed('minimax/minimax-m2.5:free', ['free']),
  passed('google/gemini-3.1-pro-preview', ['paid'], 'vercel'),
  {
    name: 'every number is sent to Mistral as it was written',
    surfaces: ['fim'],
    request:
      '{"model":"codestral-2508","prompt":"a","suffix":"b","temperature":0.70,"max_tokens":100.0,"random_seed":12345678901234567890}',
    client: { status: 200 },
    usage: { has_error: false, max_tokens: 100 },
    check: (seen) =>
      expectSent(
        seen,
        '"temperature":0.70',
        '"max_tokens":100.0',
        '"random_seed":12345678901234567890',
      ),
  },
  custom('custom-openai', `"arguments":${JSON.stringify(argumentsText)}`),
  custom('custom-anthropic', `"input":${argumentsText}`),
  {
    name: 'a token limit beyond all numbers is a probe',
    surfaces: ['paid'],
    request: limited('"max_tokens":1e400'),
    client: { status: 503 },
    asked: [],
  },
  {
    name: 'a token limit is recorded however it is written',
    surfaces: ['paid', 'keyed'],
    request: limited('"max_completion_tokens":5e2'),
    client: { status: 200 },
    usage: { max_tokens: 500, has_error: false },
    check: (seen) => expectSent(seen, '"max_completion_tokens":5e2'),
  },
  {
    name: 'an organisation holds also for a provider that is a number',
    surfaces: ['paid'],
    caller: async (world) => memberOf(world, { usd: 10, settings: { data_collection: 'deny' } }),
    request: limited('"provider":1.0,"stream_options":1.0,"reasoning":1.0'),
    client: { status: 200 },
    sent: [{ provider: { data_collection: 'deny' }, stream_options: { include_usage: true } }],
  },
  {
    name: 'an object of the client that looks like such a number stays one',
    surfaces: ['paid'],
    request: limited('"a":1.0,"b":{"rawJSON":"1e400"}'),
    client: { status: 200 },
    check: (seen) => expectSent(seen, '"a":1.0,"b":{"rawJSON":"1e400"}'),
  },
];

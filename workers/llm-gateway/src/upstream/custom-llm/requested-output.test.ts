import { expect, test } from 'vitest';
import type { Protocol } from './endpoint.ts';
import { requestedOutputOf } from './requested-output.ts';

const both: readonly Protocol[] = ['openai', 'anthropic'];
const requested = (fields: object, protocol: Protocol) =>
  requestedOutputOf({ model: 'kilo-internal/own', ...fields }, protocol);
const schema = { type: 'object', properties: { a: { type: 'string' } } };
const tool = (fields: object) => ({ tools: [{ type: 'function', ...fields }] });

test.each<[string, object, readonly Protocol[], string]>([
  ['stop', { stop: ['END'] }, ['openai'], 'stop: '],
  ['stop as one text', { stop: 'END' }, ['openai'], 'stop: '],
  ['seed', { seed: 7 }, both, 'seed: '],
  ['n', { n: 2 }, both, 'n: '],
  ['logprobs', { logprobs: true }, ['anthropic'], 'logprobs: '],
  ['too many alternatives', { logprobs: true, top_logprobs: 21 }, both, 'top_logprobs: '],
  ['biases', { logit_bias: { 50256: -100 } }, both, 'logit_bias: '],
  ['sound', { modalities: ['text', 'audio'] }, both, 'modalities: '],
  ['functions of old', { functions: [{ name: 'read' }] }, both, 'functions: '],
  ['a search', { web_search_options: {} }, both, 'web_search_options: '],
  ['JSON without a schema', { response_format: { type: 'json_object' } }, ['anthropic'], 'respons'],
  [
    'an unknown format',
    { response_format: { type: 'grammar' } },
    both,
    'response_format.type: Use',
  ],
  [
    'a schema that is none',
    { response_format: { type: 'json_schema', json_schema: { name: 'a' } } },
    both,
    'response_format.json_schema.schema: ',
  ],
  ['a tool of another type', { tools: [{ type: 'custom' }] }, both, 'tools.0.type: Only'],
  ['a tool without a name', tool({ function: {} }), both, 'tools.0.function.name: '],
  ['tools that are no list', { tools: 'read' }, both, 'tools: '],
  ['another choice', { tool_choice: 'any' }, both, 'tool_choice: Use'],
])('%s can not be honoured, and is refused by name', (_name, fields, protocols, problem) => {
  for (const protocol of protocols) {
    const result = requested(fields, protocol);
    expect(result.ok ? result.value : result.error).toContain(problem);
  }
});

test.each<[object]>([
  [{ seed: null, stop: null, n: null, logprobs: null, response_format: null, tools: null }],
  [{ n: 1, stop: [], logprobs: false, tools: [], logit_bias: {}, modalities: ['text'] }],
  [{ response_format: { type: 'text' }, functions: [], top_logprobs: 0, stop: '' }],
  [{ top_p: 0.1, presence_penalty: 1, prediction: {}, some_field: true }],
])('%j asks for nothing', (fields) => {
  for (const protocol of both) {
    const nothing = { options: {}, isSchemaStrict: false, topLogprobs: null };
    expect(requested(fields, protocol)).toEqual({ ok: true, value: nothing });
  }
});

test('a schema, its strictness, probabilities, tools and stops are handed on', () => {
  const json_schema = { name: 'answer', description: 'An answer', schema, strict: true };
  const fields = { response_format: { type: 'json_schema', json_schema } };
  const responseFormat = { type: 'json', name: 'answer', description: 'An answer', schema };
  expect(requested({ ...fields, logprobs: true }, 'openai')).toEqual({
    ok: true,
    value: { options: { responseFormat }, isSchemaStrict: true, topLogprobs: 0 },
  });
  const named = { type: 'function', function: { name: 'read' } };
  const rest = { ...tool({ function: { name: 'read', parameters: 'none' } }), tool_choice: named };
  expect(requested({ ...fields, ...rest, stop: 'END' }, 'anthropic')).toEqual({
    ok: true,
    value: {
      options: {
        responseFormat,
        stopSequences: ['END'],
        tools: [
          { type: 'function', name: 'read', inputSchema: { type: 'object', properties: {} } },
        ],
        toolChoice: { type: 'tool', toolName: 'read' },
      },
      isSchemaStrict: true,
      topLogprobs: null,
    },
  });
});

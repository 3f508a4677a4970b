import { expect, test } from 'vitest';
import type { ChatRequest } from './chat-request.ts';
import { namedModelsOf, paidExtrasOf } from './paid-extras.ts';

const found = (fields: Omit<Partial<ChatRequest>, 'model'> & { readonly model?: string }) =>
  paidExtrasOf({ model: 'maker/one', ...fields }).map(({ kind, field }) => [kind, field]);

test.each([
  [{ plugins: [{ id: 'web' }] }, 'web-search', 'plugins[0]'],
  [{ plugins: { id: 'web' } }, 'web-search', 'plugins[0]'],
  [{ plugins: [{ id: 'response-healing' }, { id: 'web-fetch' }] }, 'web-fetch', 'plugins[1]'],
  [
    { plugins: [{ id: 'file-parser', pdf: { engine: 'mistral-ocr' } }] },
    'file-parser',
    'plugins[0]',
  ],
  [{ plugins: [{ id: 'file-parser' }] }, 'file-parser', 'plugins[0]'],
  [{ plugins: [{ id: 'fusion' }] }, 'fusion', 'plugins[0]'],
  [{ plugins: [{ id: 'auto-router', allowed_models: ['a/*'] }] }, 'router', 'plugins[0]'],
  [{ plugins: [{ id: 'switchyard-router', enabled: 'false' }] }, 'router', 'plugins[0]'],
  [{ plugins: [{ id: 'from-the-future', enabled: false }] }, 'other-plugin', 'plugins[0]'],
  [{ plugins: ['web'] }, 'other-plugin', 'plugins[0]'],
  [{ web_search_options: {} }, 'web-search', 'web_search_options'],
  [{ preset: 'x' }, 'preset', 'preset'],
  [{ model: '@preset/x' }, 'preset', 'model'],
  [{ model: 'maker/one@preset/x' }, 'preset', 'model'],
  [{ model: 'maker/one:free@Preset/x' }, 'preset', 'model'],
  [{ model: 'maker/one:free:Online ' }, 'web-search', 'model'],
  [{ models: ['maker/two', 'maker/three:online'] }, 'web-search', 'models[1]'],
  [{ service_tier: 'priority' }, 'service-tier', 'service_tier'],
  [{ tools: [{ type: 'openrouter:web_search' }] }, 'web-search', 'tools[0]'],
  [
    { tools: [{ type: 'function', function: { name: 'f' } }, { type: 'openrouter:fusion' }] },
    'fusion',
    'tools[1]',
  ],
  [{ tools: [{ type: 'openrouter:datetime' }] }, 'other-tool', 'tools[0]'],
  [{ tools: [{}] }, 'other-tool', 'tools[0]'],
  [{ speed: 'fast' }, 'service-tier', 'speed'],
  [{ search_parameters: { mode: 'on' } }, 'web-search', 'search_parameters'],
  [{ tool_choice: { type: 'openrouter:web_search' } }, 'other-tool', 'tool_choice'],
  [{ modalities: ['text', 'image'] }, 'output-modality', 'modalities'],
  [
    { messages: [{ role: 'user', content: [{ type: 'text', text: 'Read.' }, { type: 'file' }] }] },
    'file-parser',
    'messages[0].content[1]',
  ],
])('finds %j', (fields, kind, field) => {
  expect(found(fields)).toEqual([[kind, field]]);
});

test.each([
  [{}],
  [{ model: 'maker/one:free' }],
  [{ model: 'maker/online:nitro' }],
  [{ plugins: [{ id: 'response-healing' }, { id: 'context-compression', engine: 'middle-out' }] }],
  [{ plugins: [{ id: 'web', enabled: false }] }],
  [{ plugins: [{ id: 'file-parser', pdf: { engine: 'cloudflare-ai' } }] }],
  [
    {
      plugins: [{ id: 'file-parser', pdf: { engine: 'native' } }],
      messages: [{ role: 'user', content: [{ type: 'file' }] }],
    },
  ],
  [{ plugins: null, tools: null, web_search_options: null, preset: null, service_tier: null }],
  [{ service_tier: 'flex' }],
  [{ speed: 'standard', search_parameters: { mode: 'off' } }],
  [{ tools: [{ type: 'function' }, { type: 'custom' }, { function: { name: 'f' } }] }],
  [{ tool_choice: 'auto' }],
  [{ tool_choice: { type: 'function', function: { name: 'f' } } }],
  [{ modalities: ['text'] }],
  [{ messages: [{ role: 'user', content: [{ type: 'image_url' }] }] }],
])('finds nothing in %j', (fields) => {
  expect(found(fields)).toEqual([]);
});

test('names every model of an extra, at whatever depth', () => {
  const [fusion] = paidExtrasOf({
    model: 'maker/one',
    tools: [
      {
        type: 'openrouter:fusion',
        parameters: {
          analysis_models: ['Maker/Two', ' maker/three '],
          model: 'maker/judge',
          tools: [{ type: 'openrouter:advisor', parameters: { model: 'maker/deep' } }],
        },
      },
    ],
  });
  expect(fusion?.models).toEqual(['maker/deep', 'maker/judge', 'maker/three', 'maker/two']);
});

test('reads settings that are nested deeper than a stack', () => {
  let settings: unknown = { model: 'maker/deep' };
  for (let depth = 0; depth < 100_000; depth += 1) settings = { settings };
  const [one] = paidExtrasOf({ model: 'maker/one', plugins: [{ id: 'fusion', settings }] });
  expect(one?.models).toEqual(['maker/deep']);
});

test('names the models that may answer once each', () => {
  const named = namedModelsOf({
    model: ' maker/one ',
    models: ['maker/two', 'maker/one', 3, '', null],
  });
  expect(named).toEqual(['maker/one', 'maker/two']);
});

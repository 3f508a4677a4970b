import { ModelId } from '@gateway/worker-utils/ids';
import { expect, test } from 'vitest';
import { modelOf } from '../../catalog/models/catalogue.ts';
import { servedModelOf } from './served-model.ts';

const model = (id: string) => modelOf(ModelId.parse(id), ModelId.parse(id));
const named = {
  model: model('openai/gpt-5.2'),
  fallbacks: [{ field: 'models[0]', model: model('anthropic/claude-sonnet-4.6') }],
};

test.each([
  ['openai/gpt-5.2', 'openai/gpt-5.2'],
  ['anthropic/claude-sonnet-4.6', 'anthropic/claude-sonnet-4.6'],
  ['Anthropic/Claude-Sonnet-4.6-20260217', 'anthropic/claude-sonnet-4.6'],
  ['somebody/else', 'openai/gpt-5.2'],
  [null, 'openai/gpt-5.2'],
])('an answer by %j is one of %s', (answered, served) => {
  expect(servedModelOf(named, answered).resolved).toBe(served);
});

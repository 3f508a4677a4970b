import { ModelId } from '@gateway/worker-utils/ids';
import { expect, test } from 'vitest';
import { modelLabel, withBases } from './model-label.ts';

const catalogue = withBases(
  ['openai/gpt-5.2', 'qwen/qwen3-coder:free'].map((id) => ModelId.parse(id)),
);
const organisation = withBases([ModelId.parse('kilo-internal/ours')]);
const label = (id: string) => modelLabel(id, [catalogue, organisation]);

test.each([
  ['openai/gpt-5.2', 'openai/gpt-5.2'],
  ['qwen/qwen3-coder:free', 'qwen/qwen3-coder:free'],
  ['qwen/qwen3-coder', 'qwen/qwen3-coder'],
  ['kilo-internal/ours', 'kilo-internal/ours'],
  ['kilo-auto/frontier', 'kilo-auto/frontier'],
  ['minimax/minimax-m2.5:free', 'minimax/minimax-m2.5:free'],
  ['corethink', 'corethink'],
  ['mistralai/codestral-latest', 'mistralai/codestral-latest'],
])('%s is a label', (id, expected) => {
  expect(label(id)).toBe(expected);
});

test.each([
  ['openai/gpt-5.2:made-up', 'openai/gpt-5.2'],
  ['openai/gpt-5.2:a:b', 'openai/gpt-5.2'],
  ['made/up', 'other'],
  ['kilo-internal/theirs', 'other'],
  ['mistralai/codestral-made-up', 'other'],
  [':free', 'other'],
  ['constructor', 'other'],
])('%s is told as %s', (id, expected) => {
  expect(label(id)).toBe(expected);
});

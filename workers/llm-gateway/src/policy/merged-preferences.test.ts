import { expect, test } from 'vitest';
import { allowsNothing, mergedPreferences } from './merged-preferences.ts';

const only = ['anthropic', 'amazon-bedrock'];

test.each<[unknown, object]>([
  [undefined, { only }],
  ['deepinfra', { only }],
  [[{ only: ['deepinfra'] }], { only }],
  [{ only: ['anthropic'] }, { only: ['anthropic'] }],
  [{ only: ['deepinfra', 'anthropic'] }, { only: ['anthropic'] }],
  [{ only: [] }, { only }],
  [{ only: null }, { only }],
  [{ only: 'deepinfra' }, { only }],
  [{ only: [1, null, ''] }, { only }],
  [{ only: [1, 'anthropic'] }, { only: ['anthropic'] }],
  [{ only: ['ANTHROPIC', 'Amazon Bedrock'] }, { only: ['ANTHROPIC', 'Amazon Bedrock'] }],
  [{ only: ['amazon-bedrock/us'] }, { only: ['amazon-bedrock/us'] }],
  [{ order: ['deepinfra', 'amazon-bedrock'] }, { only, order: ['amazon-bedrock'] }],
  [{ order: ['deepinfra'] }, { only }],
  [{ order: 'deepinfra' }, { only }],
  [
    { only: ['anthropic'], order: ['amazon-bedrock', 'anthropic'] },
    { only: ['anthropic'], order: ['anthropic'] },
  ],
  [{ ignore: ['anthropic'] }, { only, ignore: ['anthropic'] }],
  [{ ignore: 'anthropic' }, { only, ignore: 'anthropic' }],
  [
    {
      sort: 'price',
      zdr: true,
      max_price: { prompt: 1 },
      quantizations: ['fp8'],
      require_parameters: true,
      allow_fallbacks: false,
      data_collection: 'deny',
    },
    {
      only,
      sort: 'price',
      zdr: true,
      max_price: { prompt: 1 },
      quantizations: ['fp8'],
      require_parameters: true,
      allow_fallbacks: false,
      data_collection: 'deny',
    },
  ],
])('within the two allowed providers, %j becomes %j', (asked, expected) => {
  const merged = mergedPreferences({ only }, asked);
  expect(merged).toEqual(expected);
  expect(allowsNothing(merged)).toBe(false);
});

test.each([
  { only: ['deepinfra'] },
  { only: ['anthropic-vertex'] },
  { ignore: ['anthropic', 'Amazon-Bedrock'] },
  { only: ['anthropic'], ignore: ['anthropic'] },
  { only: ['amazon-bedrock/us'], ignore: ['amazon-bedrock'] },
  { order: ['deepinfra'], allow_fallbacks: false },
])('allows nothing where the caller rules out all allowed providers: %j', (asked) => {
  expect(allowsNothing(mergedPreferences({ only }, asked))).toBe(true);
});

test('narrows a provider to the part of it that is allowed', () => {
  const rules = { only: ['google-vertex/europe', 'google-vertex/us'] };
  expect(mergedPreferences(rules, { only: ['google-vertex'] })).toEqual(rules);
  expect(allowsNothing(mergedPreferences(rules, { only: ['google-vertex/asia'] }))).toBe(true);
});

test.each<['allow' | 'deny', unknown, 'allow' | 'deny']>([
  ['deny', undefined, 'deny'],
  ['deny', 'allow', 'deny'],
  ['allow', undefined, 'allow'],
  ['allow', null, 'allow'],
  ['allow', 'allow', 'allow'],
  ['allow', 'deny', 'deny'],
  ['allow', 'DENY', 'deny'],
  ['allow', {}, 'deny'],
])('data collection: the organisation says %s, the caller %j, so %s', (rule, asked, expected) => {
  const provider = asked === undefined ? {} : { data_collection: asked };
  expect(mergedPreferences({ data_collection: rule }, { zdr: true, ...provider })).toEqual({
    zdr: true,
    data_collection: expected,
  });
});

import { ModelId } from '@gateway/worker-utils/ids';
import { expect, test } from 'vitest';
import { autoChoiceOf, withAutoChoice } from './auto.ts';

const choice = (id: string, mode: string | null = null) => autoChoiceOf(ModelId.parse(id), mode);
const opus = 'anthropic/claude-opus-4.6';
const sonnet = 'anthropic/claude-sonnet-4.6';

test.each([
  ['plan', opus, 'high'],
  ['architect', opus, 'high'],
  ['orchestrator', opus, 'high'],
  ['ask', opus, 'high'],
  ['debug', opus, 'high'],
  ['general', opus, 'medium'],
  ['build', sonnet, 'medium'],
  ['explore', sonnet, 'medium'],
  ['code', sonnet, 'low'],
  ['PLAN', opus, 'high'],
  ['anything else', sonnet, 'low'],
  ['constructor', sonnet, 'low'],
  [null, sonnet, 'low'],
])('kilo/auto in mode %j is %s at %s verbosity', (mode, model, verbosity) => {
  const expected = { model, reasoning: { enabled: true }, verbosity };
  expect(choice('kilo/auto', mode)).toEqual(expected);
  expect(choice(' KILO-auto/Balanced ', mode)).toEqual(expected);
});

test.each([
  ['kilo/auto-free', 'minimax/minimax-m2.5:free'],
  ['kilo-auto/free', 'minimax/minimax-m2.5:free'],
  ['kilo/auto-small', 'openai/gpt-5-nano'],
  ['kilo-auto/small', 'openai/gpt-5-nano'],
  ['kilo-auto/efficient', 'openai/gpt-5-nano'],
])('%s is %s in every mode, and changes nothing else', (id, model) => {
  expect(choice(id, 'plan')).toEqual({ model });
});

test('the frontier is always Opus', () => {
  expect(choice('kilo-auto/frontier', 'general')).toMatchObject({
    model: opus,
    verbosity: 'medium',
  });
  expect(choice('kilo-auto/frontier', 'code')).toMatchObject({ model: opus, verbosity: 'high' });
});

test('other ids mean themselves', () => {
  expect(choice('openai/gpt-5.2', 'plan')).toBeNull();
  expect(choice('kilo/auto:free', 'plan')).toBeNull();
});

test('what the client wanted of the chosen fields is overwritten, the rest stays', () => {
  const chat = { model: 'kilo/auto', verbosity: 'high', reasoning: { effort: 'low' }, top_p: 1 };
  const auto = choice('kilo/auto');
  expect(auto && withAutoChoice(chat, auto)).toEqual({
    model: sonnet,
    verbosity: 'low',
    reasoning: { enabled: true },
    top_p: 1,
  });
});

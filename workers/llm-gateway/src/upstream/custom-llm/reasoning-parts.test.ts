import { expect, test } from 'vitest';
import { reasoningPartsOf } from './reasoning-parts.ts';

const anthropic = { format: 'anthropic-claude-v1' };
const openai = { format: 'openai-responses-v1' };
const text = (words: string, more: object) => ({ type: 'reasoning.text', text: words, ...more });
const encrypted = (data: string, more: object) => ({
  type: 'reasoning.encrypted',
  data,
  ...more,
});
const part = (words: string, providerOptions?: object) => ({
  type: 'reasoning',
  text: words,
  ...(providerOptions && { providerOptions }),
});

test.each<[string, readonly unknown[], readonly object[]]>([
  [
    'a signed text',
    [text('a', { ...anthropic, signature: 's' })],
    [part('a', { anthropic: { signature: 's' } })],
  ],
  [
    'redacted thinking, in its place',
    [encrypted('x', anthropic), text('a', { ...anthropic, signature: 's' })],
    [part('', { anthropic: { redactedData: 'x' } }), part('a', { anthropic: { signature: 's' } })],
  ],
  [
    'the pieces of a text, signed at its end',
    [
      text('a', { index: 0, ...anthropic }),
      text('b', { index: 0 }),
      text('', { index: 0, signature: 's' }),
      text('c', { index: 1, ...anthropic }),
    ],
    [part('ab', { anthropic: { signature: 's' } }), part('c')],
  ],
  [
    'two signed texts of one index, each by itself',
    [
      text('a', { index: 0, ...anthropic, signature: 's' }),
      text('b', { index: 0, ...anthropic, signature: 't' }),
    ],
    [part('a', { anthropic: { signature: 's' } }), part('b', { anthropic: { signature: 't' } })],
  ],
  [
    'an item with its summary: the last encryption is the whole one',
    [
      encrypted('begun', { id: 'rs_1', ...openai }),
      text('a', { id: 'rs_1', ...openai }),
      encrypted('whole', { id: 'rs_1', ...openai }),
    ],
    [part('a', { openai: { itemId: 'rs_1', reasoningEncryptedContent: 'whole' } })],
  ],
  [
    'an item without a summary, behind the others',
    [encrypted('x', { id: 'rs_1', ...openai }), text('a', { id: 'rs_2', ...openai })],
    [
      part('a', { openai: { itemId: 'rs_2' } }),
      part('', { openai: { itemId: 'rs_1', reasoningEncryptedContent: 'x' } }),
    ],
  ],
  [
    'the name that old extensions know',
    [text('a', { id: 'rs_1', format: 'openai-responses-v1-obscured' })],
    [part('a', { openai: { itemId: 'rs_1' } })],
  ],
  [
    'other formats, without their proof',
    [
      text('a', { format: 'google-gemini-v1', signature: 's' }),
      { type: 'reasoning.summary', summary: 'b', ...openai },
    ],
    [part('a'), part('b')],
  ],
  ['what nobody can read: nothing', [null, 'text', { type: 'reasoning.text', text: 5 }], []],
])('%s', (_name, details, parts) => {
  expect(reasoningPartsOf(details, 'not this')).toEqual(
    parts.length > 0 ? parts : [part('not this')],
  );
});

test('a text alone is told where there are no details', () => {
  expect(reasoningPartsOf(undefined, 'a')).toEqual([part('a')]);
  expect(reasoningPartsOf([], '')).toEqual([]);
});

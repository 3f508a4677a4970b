import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isExactNumber, parseExactJson, plainNumber } from './exact-json.ts';
import { parseJson } from './json.ts';

const rewritten = (text: string): string => {
  const json = parseExactJson(text);
  return json.ok ? JSON.stringify(json.value) : `fault at ${json.error.position}`;
};

test.each([
  '12345678901234567890',
  '-9223372036854775808',
  '9007199254740993',
  '1e400',
  '-1E+400',
  '1e-400',
  '1e5',
  '1E2',
  '1.0',
  '0.10',
  '-0',
  '-0.0',
  '0.1234567890123456789',
  '123456789012345678901234567890.123456789',
])('writes %s as it was written', (number) => {
  for (const text of [
    `{"a":${number}}`,
    `[${number}]`,
    `{"a":[1,{"b":${number},"c":"${number}"}],"d":0.7,"__proto__":${number}}`,
  ]) {
    expect(rewritten(text)).toBe(text);
  }
});

test.each([
  '0',
  '1',
  '-1',
  '0.7',
  '-0.5',
  '1000000',
  '123456789012345',
  '9007199254740991',
  '1e+21',
])('leaves %s a number', (number) => {
  expect(parseExactJson(`[${number}]`)).toEqual({ ok: true, value: [Number(number)] });
});

test('knows its numbers from objects that look like them', () => {
  const json = parseExactJson('[1.0,{"rawJSON":"1.0"},"1.0"]');
  expect(json.ok && Array.isArray(json.value) && json.value.map(isExactNumber)).toEqual([
    true,
    false,
    false,
  ]);
  expect(json.ok && Array.isArray(json.value) && json.value.map(plainNumber)).toEqual([
    1,
    { rawJSON: '1.0' },
    '1.0',
  ]);
});

test.each([
  '{1.0:2}',
  '{"a":1,2.0 :3}',
  '[1.0.0]',
  '[01.0]',
  '[-]',
  '[1.]',
  '[.5]',
  '[1.0e]',
  '[+1.0]',
  '[1.0',
  '{"a":1.0,}',
  '[1.0"a"]',
  '[x1.0]',
  '["a',
  '"a\\"1.0',
])('finds the same fault as ever in %s', (text) => {
  expect(parseExactJson(text)).toEqual(parseJson(text));
});

const numberText = fc
  .tuple(
    fc.constantFrom('', '-'),
    fc.bigInt({ min: 0n, max: 10n ** 25n }),
    fc.constantFrom('', '.0', '.50', '.123456789012345678901'),
    fc.constantFrom('', 'e5', 'E+400', 'e-400'),
  )
  .map((parts) => parts.join(''));
const jsonText = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    numberText,
    fc.string({ unit: 'grapheme' }).map((text) => JSON.stringify(text)),
    fc.array(tie('value'), { maxLength: 4 }).map((values) => `[${values.join(',')}]`),
    fc
      .uniqueArray(fc.tuple(fc.string(), tie('value')), {
        maxLength: 4,
        selector: ([name]) => name,
      })
      // Objects put names that are integers first.
      .map((fields) => fields.map(([name, value]) => `${JSON.stringify(`a${name}`)}:${value}`))
      .map((fields) => `{${fields.join(',')}}`),
  ),
})).value;

test('writes any JSON as it was written', () => {
  fc.assert(
    fc.property(jsonText, (value) => {
      expect(rewritten(`[${value}]`)).toBe(`[${value}]`);
    }),
  );
});

import { expect, test } from 'vitest';
import { abridgedJson } from './abridged-json.ts';

function abridged(text: string, pieceBytes: number): unknown {
  const bytes = new TextEncoder().encode(text);
  const json = abridgedJson();
  for (let at = 0; at < bytes.byteLength; at += pieceBytes) {
    json.feed(bytes.subarray(at, at + pieceBytes));
  }
  return JSON.parse(json.text() ?? 'null');
}

test('keeps short values as they are, in whatever pieces they come', () => {
  const value = { id: 'a"\\\u{1f600}\n', n: [1.5, null, true], usage: { cost: 0.25 } };
  for (let size = 1; size < 40; size += 1) {
    expect(abridged(JSON.stringify(value), size)).toEqual(value);
    const escaped = String.raw`{"id":"\u0022\\","n":1}`;
    expect(abridged(escaped, size)).toEqual({ id: '"\\', n: 1 });
  }
});

test('cuts long strings, between escapes', () => {
  for (let lead = 1015; lead < 1030; lead += 1) {
    const text = `{"a":"${'x'.repeat(lead)}\\u0022\\"\\\\${'y'.repeat(3000)}\\"","usage":{"cost":1}}`;
    expect(abridged(text, 7)).toMatchObject({ usage: { cost: 1 } });
  }
});

test('is no JSON where the text is cut', () => {
  expect(() => abridged(`{"a":"${'x'.repeat(5000)}`, 100)).toThrow(SyntaxError);
});

test('gives up what is too long without its strings', () => {
  const json = abridgedJson();
  json.feed(new TextEncoder().encode(`[${'1,'.repeat(600_000)}1]`));
  expect(json.text()).toBeNull();
});

import { expect, test } from 'vitest';
import { clientVersionOf, versionNumberOf } from './client-version.ts';

test.each([
  ['4.82.0', 4.082],
  ['4.65.3', 4.065003],
  ['4.1', 4.001],
  ['5', 5],
  ['4.65.3-rc.2 x', 4.065003],
  ['4.65.3-rc.2', 4.065003],
  ['4.82.0 (something)', 4.082],
])('%s is %d', (text, number) => {
  expect(versionNumberOf(text)).toBe(number);
});

test.each(['4.82.0beta', 'v4.1', '4.1.2.3', '', ' ', 'JS 4.60.0'])('%j is no version', (text) => {
  expect(versionNumberOf(text)).toBeNull();
});

const versionIn = (headers: Readonly<Record<string, string>>) =>
  clientVersionOf(new Headers(headers));

test.each([
  [{ 'user-agent': 'Kilo-Code/4.82.0' }, 4.082],
  [{ 'user-agent': 'Kilo-Code/4.82.0 more' }, 4.082],
  [{ 'user-agent': 'Kilo-Code/5.0.0', 'x-kilocode-version': '4.1' }, 4.001],
  [{ 'x-kilocode-version': 'none', 'user-agent': 'Kilo-Code/5.0.0' }, null],
  [{}, null],
  [{ 'user-agent': '' }, null],
  [{ 'user-agent': 'Mozilla/5.0' }, null],
  [{ 'user-agent': 'Kilo-Code' }, null],
  [{ 'user-agent': 'Kilo-Code/' }, null],
  [{ 'user-agent': 'Kilo-Code 4.82.0' }, null],
  [{ 'user-agent': 'kilo-code/4.82.0' }, null],
  [{ 'user-agent': 'Kilo-Code/JS 4.60.0' }, null],
])('a client with %j has version %d', (headers, version) => {
  expect(versionIn(headers)).toBe(version);
});

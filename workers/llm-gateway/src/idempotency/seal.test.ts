import { expect, test } from 'vitest';
import { sealFor } from './seal.ts';

const bytes = new TextEncoder().encode('What was said stays between us.');
const place = { exchange: 'one', n: 1 };
const opens = (opening: Promise<unknown>): Promise<boolean> =>
  opening.then(
    () => true,
    () => false,
  );

test('a sealed part opens only at its own position', async () => {
  const seal = await sealFor('secret', 'caller and key');
  const sealed = await seal.close(bytes, place);
  expect(new TextDecoder('latin1').decode(sealed)).not.toContain('said');
  expect(await seal.open(sealed, place)).toEqual(bytes);
});

test('sealing the same bytes twice gives different results', async () => {
  const seal = await sealFor('secret', 'caller and key');
  expect(await seal.close(bytes, place)).not.toEqual(await seal.close(bytes, place));
});

test('does not open for another caller, key, secret or position', async () => {
  const seal = await sealFor('secret', 'caller and key');
  const sealed = await seal.close(bytes, place);
  const others = [
    await sealFor('secret', 'caller and other key'),
    await sealFor('other', 'caller and key'),
  ];
  for (const other of others) expect(await opens(other.open(sealed, place))).toBe(false);
  expect(await opens(seal.open(sealed, { exchange: 'one', n: 2 }))).toBe(false);
  expect(await opens(seal.open(sealed, { exchange: 'two', n: 1 }))).toBe(false);
  expect(await opens(seal.open(sealed, place))).toBe(true);
  sealed.set([(sealed.at(-1) ?? 0) ^ 1], sealed.byteLength - 1);
  expect(await opens(seal.open(sealed, place))).toBe(false);
});

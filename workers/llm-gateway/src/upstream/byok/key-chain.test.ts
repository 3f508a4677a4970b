import { expect, test } from 'vitest';
import { newEncryptionKey as newKey, sealed } from '../../testing/sealed.ts';
import { keyChainOf } from './key-chain.ts';

function chainOf(current: string, previous: string | null) {
  const told: string[] = [];
  const chain = keyChainOf({
    encryptionKeys: {
      current: async () => current,
      async previous() {
        told.push('asked for the previous one');
        return previous;
      },
    },
    reportOld: ({ id }) => told.push(`${id} is old`),
    reportUnusable: ({ id, why }) => told.push(`${id} is ${why}`),
  });
  const open = (value: unknown) => chain.open({ id: 'key', provider: 'openai', sealed: value });
  return { open, told };
}
const opened = (apiKey: string) => ({ provider: 'openai', entries: [{ apiKey }] });

test('decrypts with the current encryption key without reading the previous one', async () => {
  const current = newKey();
  const { open, told } = chainOf(current, newKey());
  expect(await open(await sealed('sk-own', current))).toEqual(opened('sk-own'));
  expect(told).toEqual([]);
});

test('decrypts with the previous encryption key, and reports the old key', async () => {
  const previous = newKey();
  const { open, told } = chainOf(newKey(), previous);
  expect(await open(await sealed('sk-own', previous))).toEqual(opened('sk-own'));
  expect(told).toEqual(['asked for the previous one', 'key is old']);
});

test.each([
  ['another one', newKey()],
  ['the previous one, which is not there any more', null],
])('one that is sealed with %s is unusable', async (_what, previous) => {
  const { open, told } = chainOf(newKey(), previous);
  expect(await open(await sealed('sk-own', newKey()))).toBeNull();
  expect(told).toEqual(['asked for the previous one', 'key is unreadable']);
});

test('does not retry a malformed key with the previous encryption key', async () => {
  const current = newKey();
  const { open, told } = chainOf(current, newKey());
  expect(await open(await sealed('', current))).toBeNull();
  expect(told).toEqual(['key is malformed']);
});

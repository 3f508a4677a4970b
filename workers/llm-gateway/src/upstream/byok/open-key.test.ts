import { expect, test } from 'vitest';
import { sealed as seal } from '../../testing/sealed.ts';
import { openKey } from './open-key.ts';
import type { ByokProvider } from '../../exchange/byok-key.ts';

const encryptionKey = 'BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=';
/** `sk-test-1234567890`, as another program sealed it. */
const sealed = {
  iv: 'AAECAwQFBgcICQoL',
  data: 'a+rEBHh6rWRGgNao125bwtgM',
  authTag: 'vJQsx0h2gpD+V9T2y2tPLw==',
};
const keyOf = (provider: ByokProvider, value: unknown) => ({ id: '1', provider, sealed: value });

const opened = async (provider: ByokProvider, plain: Uint8Array | string) =>
  openKey(keyOf(provider, await seal(plain, encryptionKey)), encryptionKey);

test('decrypts a key that another program encrypted', async () => {
  expect(await openKey(keyOf('openai', sealed), encryptionKey)).toEqual({
    ok: true,
    value: { provider: 'openai', entries: [{ apiKey: 'sk-test-1234567890' }] },
  });
});

test.each<[ByokProvider, string]>([
  ['anthropic', 'anthropic'],
  ['codestral', 'mistral'],
  ['google', 'google'],
  ['minimax', 'minimax'],
  ['mistral', 'mistral'],
  ['openai', 'openai'],
  ['xai', 'xai'],
])('a key of %s is used at %s', async (provider, name) => {
  expect(await opened(provider, 'ключ')).toEqual({
    ok: true,
    value: { provider: name, entries: [{ apiKey: 'ключ' }] },
  });
});

test('tries a Z.ai key at the coding plan URL first', async () => {
  expect(await opened('zai', 'k')).toEqual({
    ok: true,
    value: {
      provider: 'zai',
      entries: [{ apiKey: 'k', baseURL: 'https://api.z.ai/api/coding/paas/v4' }, { apiKey: 'k' }],
    },
  });
});

test('sends exactly three fields of a Bedrock key', async () => {
  const aws = { accessKeyId: 'a', secretAccessKey: 's', region: 'eu-west-1' };
  expect(await opened('bedrock', JSON.stringify({ ...aws, note: 'mine' }))).toEqual({
    ok: true,
    value: { provider: 'bedrock', entries: [aws] },
  });
});

test.each([
  'no JSON',
  'null',
  '"text"',
  '{"accessKeyId":"a","secretAccessKey":"s"}',
  '{"accessKeyId":"a","secretAccessKey":"s","region":7}',
  '{"accessKeyId":"","secretAccessKey":"s","region":"r"}',
])('what is no key of Bedrock is not used: %s', async (plain) => {
  expect(await opened('bedrock', plain)).toEqual({ ok: false, error: 'malformed' });
});

test('rejects an empty key', async () => {
  expect(await opened('openai', '')).toEqual({ ok: false, error: 'malformed' });
});

test.each<[string, unknown]>([
  ['nothing', null],
  ['a text', 'sk-plain'],
  ['a part missing', { iv: sealed.iv, data: sealed.data }],
  ['no base64', { ...sealed, data: '%%%' }],
  ['another key', { ...sealed, iv: 'AAECAwQFBgcICQoM' }],
  ['a long iv', { ...sealed, iv: 'AAECAwQFBgcICQoLDA0ODw==' }],
  ['changed data', { ...sealed, data: 'b+rEBHh6rWRGgNao125bwtgM' }],
  ['a changed tag', { ...sealed, authTag: 'vJQsx0h2gpD+V9T2y2tPLg==' }],
  ['a short tag', { ...sealed, authTag: 'vJQsx0h2gpD+V9T2' }],
  [
    'a tag that moved into the data',
    { iv: sealed.iv, data: sealed.data + sealed.authTag, authTag: '' },
  ],
])('what is not sealed as it must be is not opened: %s', async (_name, value) => {
  expect(await openKey(keyOf('openai', value), encryptionKey)).toEqual({
    ok: false,
    error: 'unreadable',
  });
});

test('rejects decrypted bytes that are not text', async () => {
  expect(await opened('openai', new Uint8Array([0xff, 0xfe]))).toEqual({
    ok: false,
    error: 'unreadable',
  });
});

test.each(['', 'short', btoa('31 bytes are not enough for this')])(
  'an encryption key that is none fails loudly, and does not show itself: %s',
  async (wrong) => {
    const opening = openKey(keyOf('openai', sealed), `${wrong}x`);
    await expect(opening).rejects.toThrow('not 32 bytes in base64');
    const short = btoa('x'.repeat(31));
    await expect(openKey(keyOf('openai', sealed), short)).rejects.not.toThrow(short);
  },
);

import { deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

const PATH = '/api/openrouter/chat/completions';
const text = JSON.stringify({
  model: 'sim/answer',
  messages: [{ role: 'user', content: 'A long prompt. '.repeat(10_000) }],
});
const send = (body: Uint8Array<ArrayBuffer>, encoding: string, token = '') =>
  fetch(`${world.url}${PATH}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'content-encoding': encoding,
      ...(token !== '' && { authorization: `Bearer ${token}` }),
    },
    body,
  });

const encoders = {
  gzip: gzipSync,
  'X-GZIP': gzipSync,
  deflate: deflateSync,
  zstd: zstdCompressSync,
};

test.each(Object.entries(encoders))(
  'a body in %s is read, and sent on as it is',
  async (name, encode) => {
    const { token } = await world.newcomer(1);
    const response = await send(new Uint8Array(encode(text)), name, token);
    expect(response.status).toBe(200);
    await response.text();
    const delivered = world.simulator.log().at(-1);
    expect(delivered?.rawBody).toContain('A long prompt. A long prompt.');
    expect(delivered?.headers).not.toHaveProperty('content-encoding');
  },
);

const bytesOf = (...parts: (string | Uint8Array)[]) =>
  new Uint8Array(Buffer.concat(parts.map((part) => Buffer.from(part))));
const [before = '', after = ''] = JSON.stringify({
  model: 'sim/answer',
  messages: [{ role: 'user', content: '#' }],
}).split('#');
const marked = bytesOf(new Uint8Array([0xef, 0xbb, 0xbf]), before, new Uint8Array([0xff]), after);

test.each([
  ['of declared length', (): RequestInit => ({ body: marked })],
  ['in chunks', (): RequestInit => ({ body: new Blob([marked]).stream(), duplex: 'half' })],
] as const)(
  'a byte order mark is no part of a body %s, and a byte that is no UTF-8 reads as a replacement',
  async (_how, sent) => {
    const { token } = await world.newcomer(1);
    const response = await fetch(`${world.url}${PATH}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      ...sent(),
    });
    expect(response.status).toBe(200);
    await response.text();
    expect(world.simulator.log().at(-1)?.rawBody).toContain('"content":"\uFFFD"');
  },
);

test('identity is no encoding', async () => {
  const { token } = await world.newcomer(1);
  const response = await send(new TextEncoder().encode(text), 'identity', token);
  expect(response.status).toBe(200);
  await response.text();
});

test.each(['br', 'compress', 'gzip, gzip', 'nonsense'])('415: %s is not read', async (name) => {
  const response = await send(new Uint8Array(gzipSync(text)), name);
  expect(response.headers.get('accept-encoding')).toBe('gzip, deflate, zstd');
  expect({ status: response.status, body: await response.json() }).toEqual({
    status: 415,
    body: {
      error: 'Unsupported content encoding',
      message:
        'Send the request body as it is, or with one Content-Encoding of: gzip, deflate, zstd.',
    },
  });
});

test.each(Object.entries(encoders))(
  '413: what grows beyond the limit is not read to its end: %s',
  async (name, encode) => {
    const bomb = encode(Buffer.alloc(128 * 1024 * 1024));
    expect(bomb.byteLength).toBeLessThan(1024 * 1024);
    const response = await send(new Uint8Array(bomb), name);
    expect({ status: response.status, body: await response.json() }).toEqual({
      status: 413,
      body: { error: 'Request too large', message: 'The request body must not exceed 8 MiB.' },
    });
  },
);

test.each(Object.entries(encoders))('400: half a body in %s is none', async (name, encode) => {
  const whole = encode(text);
  const response = await send(new Uint8Array(whole.subarray(0, whole.byteLength / 2)), name);
  expect(response.status).toBe(400);
  expect(await response.json()).toHaveProperty('error', 'Invalid request');
});

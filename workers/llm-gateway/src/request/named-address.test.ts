import { expect, test } from 'vitest';
import { namedAddressOf } from './named-address.ts';

const SECRET = 's'.repeat(32);
const asked = (headers: Record<string, string>, secret: string | null = SECRET) =>
  namedAddressOf(new Headers(headers), { addressSecret: () => Promise.resolve(secret) });
const naming = (address: string, secret = SECRET) => ({
  'x-gateway-client-address': address,
  'x-gateway-client-address-secret': secret,
});

test.each([
  ['192.0.2.7', '192.0.2.7'],
  [' 192.0.2.7 ', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['2001:0DB8:0:0:0:0:0:1', '2001:db8::1'],
  ['192.0.2.7, 192.0.2.8', null],
  ['192.0.2.7:443', null],
  ['nobody', null],
  ['', null],
])('with the secret, %j names the address %j', async (named, address) => {
  expect(await asked(naming(named))).toEqual({ address });
});

test('without the right secret, or where none is configured, no address is named', async () => {
  expect(await asked(naming('192.0.2.7', 'wrong'))).toBeNull();
  expect(await asked(naming('192.0.2.7', ''))).toBeNull();
  expect(await asked({ 'x-gateway-client-address': '192.0.2.7' })).toBeNull();
  expect(await asked({ 'x-gateway-client-address-secret': SECRET })).toBeNull();
  expect(await asked(naming('192.0.2.7', ''), null)).toBeNull();
  expect(await asked(naming('192.0.2.7', 'none'), null)).toBeNull();
});

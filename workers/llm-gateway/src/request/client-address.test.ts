import { expect, test } from 'vitest';
import { addressKey, AddressSource, ClientAddress, clientAddressOf } from './client-address.ts';

const forged = new Headers({
  'cf-connecting-ip': '192.0.2.1',
  'x-forwarded-for': '192.0.2.2, 192.0.2.3',
  'x-real-ip': '192.0.2.4',
  forwarded: 'for=192.0.2.5',
});
const peer = { headers: forged, socketAddress: '198.51.100.9:40088' };

test.each([
  ['cloudflare', '192.0.2.1'],
  ['socket', '198.51.100.9'],
  ['forwarded', '192.0.2.3'],
  ['local', '192.0.2.3'],
] as const)('with every header forged, %s believes only its own source', (source, expected) => {
  expect(clientAddressOf(peer, source)).toBe(expected);
});

test.each(['cloudflare', 'forwarded'] as const)('%s has no fallback', (source) => {
  expect(
    clientAddressOf({ headers: new Headers(), socketAddress: '1.2.3.4:5' }, source),
  ).toBeNull();
});

test('the local stack falls back to the socket', () => {
  const headers = new Headers();
  expect(clientAddressOf({ headers, socketAddress: '[::1]:5' }, 'local')).toBe('::1');
  expect(clientAddressOf({ headers, socketAddress: null }, 'local')).toBeNull();
});

test.each(['', 'unknown', '1.2.3', '1.2.3.4, ', '<script>'])('%j is no address', (address) => {
  const headers = new Headers({ 'x-forwarded-for': address });
  expect(clientAddressOf({ headers, socketAddress: null }, 'forwarded')).toBeNull();
});

test('an unknown source is refused where it is configured', () => {
  expect(AddressSource.safeParse('x-real-ip').success).toBe(false);
});

test.each([
  ['203.0.113.7', '203.0.113.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:0DB8:0001:0002::1', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['::ffff:cb00:7107', '203.0.113.7'],
])('%s counts as %s', (address, key) => {
  expect(addressKey(ClientAddress.parse(address))).toBe(key);
});

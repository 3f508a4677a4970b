import { expect, test } from 'vitest';
import { allowedNetwork } from './upstream-network.ts';

test.each([
  [[], ['public']],
  [['https://203.0.113.5/v1'], ['public']],
  [['http://127.0.0.1:4000/api/v1'], ['127.0.0.1/32', 'public']],
  [
    ['http://192.168.1.20:11434/v1', 'http://[::1]:80'],
    ['192.168.1.20/32', '::1/128', 'public'],
  ],
  [['postgres://u:p@10.0.0.5/x', '10.0.0.6', 'not a url', ''], ['public']],
])('%o opens %o', async (urls, expected) => {
  expect(await allowedNetwork(urls)).toEqual(expected);
});

test('a name is opened as what it stands for', async () => {
  const resolve = async () => [{ address: '10.1.2.3' }, { address: '203.0.113.5' }];
  expect(await allowedNetwork(['http://llm.lan:4000'], resolve)).toEqual(['10.1.2.3/32', 'public']);
});

test('a name that nobody knows opens nothing, and does not stop the start', async () => {
  const resolve = () => Promise.reject(new Error('ENOTFOUND'));
  expect(await allowedNetwork(['http://nobody.invalid'], resolve)).toEqual(['public']);
});

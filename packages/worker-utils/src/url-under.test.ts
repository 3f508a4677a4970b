import { expect, test } from 'vitest';
import { urlUnder } from './url-under.ts';

test.each([
  ['https://a.example', 'https://a.example/models?id=1'],
  ['https://a.example/', 'https://a.example/models?id=1'],
  ['https://a.example/v1', 'https://a.example/v1/models?id=1'],
  ['https://a.example/proxy/v1//', 'https://a.example/proxy/v1/models?id=1'],
])('joins a path to %s', (base, url) => {
  expect(urlUnder(base, '/models?id=1')).toBe(url);
});

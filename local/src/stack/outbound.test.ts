import { expect, test } from 'vitest';
import { originsOf } from './outbound.ts';

test('an origin is a scheme, a host and a port, and each is named once', () => {
  const urls = ['http://127.0.0.1:4000/api/v1', 'http://127.0.0.1:4000', 'https://LLM.lan/v1'];
  expect(originsOf(urls)).toEqual(['http://127.0.0.1:4000', 'https://llm.lan']);
  expect(originsOf(['postgres://u:p@10.0.0.5/x', '10.0.0.6', 'not a url', ''])).toEqual([]);
});

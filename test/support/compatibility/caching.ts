import { expect } from 'vitest';
import type { Row } from './row.ts';

const nobody: Row['caller'] = async () => ({
  model: 'minimax/minimax-m2.5:free',
  rows: () => Promise.resolve([]),
});
const privately = 'private, no-store';

export const caching: readonly Row[] = [
  {
    name: 'a stream must not be buffered, nor kept for anybody else',
    surfaces: [
      'paid',
      'v1',
      'keyed',
      'free',
      'stealth',
      'fim',
      'custom-openai',
      'custom-anthropic',
    ],
    request: { stream: true },
    client: {
      status: 200,
      headers: { 'cache-control': `${privately}, no-cache`, 'x-accel-buffering': 'no' },
    },
  },
  {
    name: 'the stream of a caller without a token must not be buffered',
    surfaces: ['free'],
    caller: nobody,
    request: { stream: true },
    client: { status: 200, headers: { 'cache-control': 'no-cache', 'x-accel-buffering': 'no' } },
  },
  {
    name: 'an answer in JSON is kept for nobody else',
    surfaces: ['paid', 'v1', 'keyed', 'free', 'stealth', 'fim', 'custom-openai'],
    client: { status: 200, headers: { 'cache-control': privately, 'x-accel-buffering': null } },
  },
  {
    name: "a provider's refusal is kept for nobody else",
    surfaces: ['paid', 'v1', 'keyed', 'free', 'fim'],
    upstream: 'status~code=400',
    client: { status: 400, headers: { 'cache-control': privately } },
  },
  {
    name: 'our own refusal is kept for nobody else',
    surfaces: ['paid', 'v1', 'keyed'],
    request: '{',
    client: { status: 400, headers: { 'cache-control': privately } },
  },
  {
    name: 'so are account data and model lists, whatever their status',
    surfaces: ['paid'],
    client: { status: 200 },
    async check({ world, caller }) {
      for (const path of ['/api/user', '/api/profile/balance', '/api/v1/models', '/api/nothing']) {
        const headers = { authorization: `Bearer ${caller.token}` };
        const response = await fetch(`${world.url}${path}`, { headers });
        await response.text();
        expect({ path, rule: response.headers.get('cache-control') }).toEqual({
          path,
          rule: privately,
        });
      }
    },
  },
];

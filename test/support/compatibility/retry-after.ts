import { expect } from 'vitest';
import type { Row } from './row.ts';

const refused = (scenario: string, wait: string | null): Row => ({
  name: `a refusal (${scenario}) tells the client to wait ${wait} s`,
  surfaces: ['paid', 'keyed', 'free', 'fim'],
  upstream: `status~${scenario}`,
  client: {
    status: Number(/code=(?<code>\d+)/.exec(scenario)?.groups?.['code']),
    headers: { 'retry-after': wait, 'retry-after-ms': null },
  },
  usage: { has_error: true, cost: 0 },
});

export const retryAfter: readonly Row[] = [
  refused('code=429~retry-after=7.5', '8'),
  refused('code=429~retry-ms=6500', '7'),
  refused('code=429~retry-ms=6500~retry-after=30', '7'),
  refused('code=529~retry-after=6', '6'),
  refused('code=503~retry-after=6', '6'),
  {
    name: 'a provider that asks for 7.5 s is not asked again',
    surfaces: ['free', 'fim'],
    upstream: 'status~code=429~retry-after=7.5',
    client: { status: 429 },
    check({ delivered }) {
      const paths = delivered.map(({ path }) => path);
      expect(paths).toEqual([...new Set(paths)]);
    },
  },
];

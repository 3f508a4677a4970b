import type { Row } from './row.ts';

// A provider that rejects a key: whose key it is decides what the client is told.

const rejected = 'status~code=401';

export const platformKey: readonly Row[] = [
  {
    name: "a 401 on the platform's own key is a 502, and never a 401 of the caller's",
    surfaces: ['paid', 'v1', 'keyed', 'free', 'stealth', 'fim'],
    upstream: rejected,
    client: { status: 502, lacks: [/User not found/, /401/] },
    usage: { has_error: true, cost: 0, status_code: 401 },
  },
  {
    name: 'the same where a stream was asked for',
    surfaces: ['paid', 'v1', 'free'],
    request: { stream: true },
    upstream: rejected,
    client: { status: 502, streamed: false, lacks: [/401/] },
    read: { failed: /502|Bad ?Gateway|APICallError/i },
  },
  {
    name: 'another gateway answers where the first one rejects its key',
    surfaces: ['paid'],
    caller: async (world) => ({
      ...(await world.newcomer(10)),
      model: 'anthropic/claude-sonnet-4.6',
    }),
    upstream: rejected,
    second: 'answer',
    client: { status: 200 },
    asked: ['openrouter', 'vercel'],
    usage: { has_error: false },
  },
  {
    name: 'the organisation is told that the key of its own endpoint is not valid',
    surfaces: ['custom-openai', 'custom-anthropic'],
    upstream: rejected,
    client: { status: 401, contains: ['Refused with 401'] },
  },
];

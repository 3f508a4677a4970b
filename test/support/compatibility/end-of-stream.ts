import type { Row } from './row.ts';

// `[DONE]` ends an answer, and nothing follows it.

export const endOfStream: readonly Row[] = [
  {
    name: 'a text that ends with [DONE] and no finish reason is whole',
    surfaces: ['paid', 'v1', 'keyed', 'free', 'stealth', 'fim'],
    request: { stream: true },
    upstream: 'no-finish',
    client: { status: 200, streamed: true, lacks: ['"error"'] },
    usage: { has_error: false, finish_reason: null },
    read: { said: /\S/ },
  },
  {
    name: 'a tool call that ends with [DONE] and no finish reason is whole',
    surfaces: ['paid', 'free'],
    request: {
      stream: true,
      tools: [
        { type: 'function', function: { name: 'read_file', parameters: { type: 'object' } } },
      ],
    },
    upstream: 'no-finish~calls=1',
    client: { status: 200, streamed: true, lacks: ['"error"'] },
    usage: { has_error: false, finish_reason: null },
  },
  {
    name: 'a stream that says nothing but [DONE] is no answer, and nothing follows it',
    surfaces: ['paid', 'keyed', 'fim'],
    request: { stream: true },
    upstream: 'answer~tokens=0~finish=no~usage=no',
    client: { status: 200, streamed: true, lacks: ['"error"'] },
    usage: { has_error: true },
  },
];

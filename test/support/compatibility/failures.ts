import type { Row } from './row.ts';

export const failures: readonly Row[] = [
  {
    name: 'a whole answer is passed on as it is',
    surfaces: ['paid', 'v1', 'keyed', 'free', 'custom-openai', 'custom-anthropic'],
    request: { stream: true },
    client: { status: 200, streamed: true },
    usage: { has_error: false, status_code: 200, finish_reason: 'stop' },
    read: { said: /\S/ },
  },
];

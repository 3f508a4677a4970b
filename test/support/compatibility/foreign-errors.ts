import type { Row, Surface } from './row.ts';

// What is no error in OpenRouter's shape reaches a client as JSON that says what is wrong.

const surfaces: readonly Surface[] = ['paid', 'v1', 'keyed', 'free', 'fim'];
const foreign = (body: string, code: number, message: string | RegExp): Row => ({
  name: `an error that is ${body} is told in JSON (${code})`,
  // A 5xx is asked again for some seconds.
  surfaces: code < 500 ? surfaces : ['v1', 'fim'],
  upstream: `status~code=${code}~body=${body}`,
  client: {
    status: code,
    headers: { 'content-type': 'application/json' },
    body: { error: { code } },
    contains: [message],
    lacks: ['<html', '<h1'],
  },
  usage: { has_error: true, cost: 0, status_code: code },
  read: { failed: message instanceof RegExp ? message : new RegExp(message) },
});

export const foreignErrors: readonly Row[] = [
  foreign('html', 502, '502 Bad Gateway'),
  foreign('html', 400, '400 Bad Gateway'),
  foreign('text', 403, 'error code: 403'),
  foreign('empty', 400, 'The provider failed with 400.'),
  foreign('broken', 400, /not-json/),
  foreign('detail', 422, 'body.messages: Field required'),
  {
    name: 'a stealth model has words of its own for all of them',
    surfaces: ['stealth'],
    upstream: 'status~code=422~body=detail',
    client: { status: 422, contains: ['Stealth model unable'], lacks: ['Field required'] },
  },
];

import type { Row, Surface } from './row.ts';

// Every way in which a provider says, with a good status, that an answer failed.

const ours = /user_id|org_2simulated/;
const chats: readonly Surface[] = ['paid', 'v1', 'keyed', 'free'];
const answered = { status: 200, lacks: [ours, '"error"'] };

/** What is told in these shapes is a failure before and after a text. */
const shapes = ['alone', 'chunk', 'choice', 'finish'];

/** Failover: another gateway answers, and nobody hears of the failure. */
const elsewhere: readonly Row[] = shapes.flatMap((shape) =>
  [true, false].map((stream) => ({
    name: `an error in an answer (${shape}, stream: ${stream}) is answered by the other gateway`,
    surfaces: ['v1', 'free'],
    request: { stream },
    upstream: `error~code=502~shape=${shape}`,
    second: 'answer',
    client: answered,
    usage: { has_error: false, status_code: 200, provider: 'vercel' },
    read: { said: /\S/ },
  })),
);

const notStreamed: readonly Row[] = shapes.map((shape) => ({
  name: `an error in a JSON answer (${shape}) takes its status, and is neither billed nor kept`,
  // Without a status it is asked again for some seconds.
  surfaces: shape === 'finish' ? ['free', 'fim'] : [...chats, 'fim'],
  upstream: `error~code=400~shape=${shape}`,
  client: {
    status: shape === 'finish' ? 502 : 400,
    headers: { 'content-type': 'application/json' },
    lacks: [ours, 'Half an answer'],
  },
  usage: { has_error: true, cost: 0, status_code: shape === 'finish' ? 502 : 400 },
  read: { failed: /failed|provider|Provider/ },
  rowsUnderKey: 2,
}));

const streamed: readonly Row[] = shapes.flatMap((shape) =>
  [0, 4].map((after) => ({
    name: `an error in a stream (${shape}, after ${after} tokens) is neither a success nor kept`,
    surfaces: [...chats, 'fim'],
    request: { stream: true },
    upstream: `error~code=400~shape=${shape}~after=${after}~done=yes`,
    client: { status: 200, streamed: true, ...(after === 0 && { lacks: [ours] }) },
    usage: { has_error: true },
    rowsUnderKey: 2,
    // After its first token nothing looks at a stream that is passed through.
    ...((after === 0 || shape === 'chunk') && { read: { failed: /provider|Provider|failed/ } }),
  })),
);

export const failures: readonly Row[] = [
  ...elsewhere,
  ...notStreamed,
  ...streamed,
  {
    name: 'a whole answer is passed on as it is',
    surfaces: ['paid', 'v1', 'keyed', 'free', 'custom-openai', 'custom-anthropic'],
    request: { stream: true },
    client: { status: 200, streamed: true },
    usage: { has_error: false, status_code: 200, finish_reason: 'stop' },
    read: { said: /\S/ },
  },
  ...[true, false].map((stream): Row => ({
    name: `an empty error in a good answer (stream: ${stream}) is none`,
    surfaces: ['paid', 'v1', 'keyed', 'free', 'fim'],
    request: { stream },
    upstream: 'answer~blank-error',
    client: { status: 200 },
    usage: { has_error: false },
    calls: 1,
    rowsUnderKey: 1,
  })),
  ...['null-answer', 'detail', 'broken', 'empty'].map((body): Row => ({
    name: `what is no answer (${body}) is asked for elsewhere`,
    surfaces: ['paid', 'v1', 'free'],
    upstream: `status~code=200~body=${body}`,
    second: 'answer',
    client: answered,
    usage: { has_error: false, provider: 'vercel' },
    read: { said: /\S/ },
  })),
  ...[true, false].map((stream): Row => ({
    name: `what is no answer anywhere is a 502 (stream: ${stream})`,
    surfaces: ['v1', 'fim'],
    request: { stream },
    upstream: 'status~code=200~body=null-answer',
    client: { status: 502, lacks: ['null'], headers: { 'content-type': 'application/json' } },
    usage: { has_error: true, cost: 0 },
    read: { failed: /could not be reached|Bad gateway|APICallError/ },
  })),
  ...['alone', 'chunk'].map((shape): Row => ({
    name: `an error of our account (402, ${shape}) in a JSON answer is none of the client's`,
    surfaces: ['paid', 'v1', 'free'],
    upstream: `error~code=402~shape=${shape}`,
    client: { status: 503, lacks: [ours, 'credits'] },
    usage: { has_error: true, cost: 0 },
  })),
  {
    name: 'an answer in JSON above 16 MiB is billed',
    surfaces: ['paid', 'v1'],
    upstream: 'answer~mb=17~cost=0.25',
    client: { status: 200 },
    usage: { has_error: false, status_code: 200, finish_reason: 'stop', cost: 250_000 },
  },
];

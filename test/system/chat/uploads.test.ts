import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { statusOf } from '../../support/custom-llm.ts';
import { eventually } from '../../support/launcher.ts';
import { startWorld, type World } from '../../support/world.ts';

// Bodies that do not end, or not in time.

const MEBIBYTE = 1024 * 1024;
const CHAT = '/api/openrouter/chat/completions';
const tooSlow = {
  error: 'Request timeout',
  message:
    'The request body did not arrive in time. Send at least 64 KiB in 10 seconds, and all of it in 120 seconds.',
};

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

type Upload = {
  readonly token?: string;
  readonly path?: string;
  readonly headers?: readonly string[];
  /** How many bytes are said to come. Null: chunks, without an end. */
  readonly declared: number | null;
  readonly sent: number;
};

/** A client that sends a part of its body, and then nothing. */
function stalled({ token, path = CHAT, headers = [], declared, sent }: Upload) {
  const { hostname, port } = new URL(world.url);
  const socket = connect({ host: hostname, port: Number(port) });
  const head = [
    `POST ${path} HTTP/1.1`,
    `Host: ${hostname}`,
    ...(token === undefined ? [] : [`Authorization: Bearer ${token}`]),
    declared === null ? 'Transfer-Encoding: chunked' : `Content-Length: ${declared}`,
    ...headers,
  ].join('\r\n');
  const text = 'a'.repeat(sent);
  const frame = declared === null ? `${sent.toString(16)}\r\n${text}\r\n` : text;
  const isSent = new Promise<unknown>((resolve) =>
    socket.write(`${head}\r\n\r\n${frame}`, resolve),
  );
  return { socket, isSent, answer: answerOn(socket) };
}

async function answerOn(socket: Socket): Promise<{ status: number; body: unknown }> {
  let text = '';
  for await (const chunk of socket) {
    text += String(chunk);
    const body = /\r\n\r\n(?<body>\{.*\})/s.exec(text)?.groups?.['body'];
    if (body === undefined) continue;
    socket.destroy();
    return { status: Number(text.slice(9, 12)), body: JSON.parse(body) };
  }
  return { status: 0, body: text };
}

test.concurrent.each([
  ['of a declared length', { declared: 10 * MEBIBYTE, sent: 200_000 }],
  ['of a short declared length', { declared: 1000, sent: 10 }],
  ['in chunks', { declared: null, sent: 200_000 }],
  ['in gzip', { declared: 1000, sent: 10, headers: ['Content-Encoding: gzip'] }],
  ['for a gap in a text', { declared: 1000, sent: 10, path: '/api/fim/completions' }],
])('answers 408 to a body %s that stalls', { timeout: 30_000 }, async (_how, upload) => {
  expect(await stalled(upload).answer).toEqual({ status: 408, body: tooSlow });
});

test(
  'answers 408 to a body under an Idempotency-Key that stalls',
  { timeout: 30_000 },
  async () => {
    const { token } = await world.newcomer(1);
    const headers = ['Idempotency-Key: stalled'];
    const { answer } = stalled({ token, headers, declared: 1000, sent: 10 });
    expect(await answer).toEqual({ status: 408, body: tooSlow });
  },
);

test('grants 20 MiB only to tokens that it has signed', async () => {
  const body = `{"model":"","x":"${'a'.repeat(8 * MEBIBYTE)}"}`;
  const limited = {
    status: 413,
    body: { error: 'Request too large', message: 'The request body must not exceed 8 MiB.' },
  };
  expect(await statusOf(await world.ask({ token: 'junk', body }))).toEqual(limited);
  const headers = { 'idempotency-key': 'junk' };
  expect(await statusOf(await world.ask({ token: 'junk', body, headers }))).toEqual(limited);
  const { token } = await world.newcomer(1);
  expect((await world.ask({ token, body })).status).toBe(404);
});

test('does not report a client that breaks off its upload', async () => {
  const uploads = [
    stalled({ declared: 10 * MEBIBYTE, sent: 200_000 }),
    stalled({ declared: 1000, sent: 10 }),
    stalled({ declared: null, sent: 200_000 }),
  ];
  // By then, they have been read from.
  await Promise.all(uploads.map(({ isSent }) => isSent));
  await world.ask({ body: '{}' });
  for (const { socket } of uploads) socket.resetAndDestroy();
  await Promise.all(uploads.map(({ answer }) => answer.catch(() => null)));
  expect((await world.ask({ body: '{}' })).status).toBe(404);
  expect(world.workerLines.filter((line) => line.includes('unexpected error'))).toEqual([]);
});

const STALLED = 40;
/** The budget of 48 MiB, as bytes and once more as text, and garbage that nobody has collected yet. */
const GROWTH_MIB_MAX = 256;

function residentMib(): number {
  const status = readFileSync(`/proc/${world.pids().workerd}/status`, 'utf8');
  return Number(/VmRSS:\s+(?<kib>\d+)/.exec(status)?.groups?.['kib']) / 1024;
}

// Linux alone tells what a process holds.
test.runIf(process.platform === 'linux')(
  `${STALLED} stalled uploads of 19 MiB hold a bounded part of them, and do not keep others out`,
  { timeout: 60_000 },
  async () => {
    const { token } = await world.newcomer(10);
    const before = residentMib();
    const uploads = Array.from({ length: STALLED }, () =>
      stalled({ token, declared: 20 * MEBIBYTE, sent: 19 * MEBIBYTE }),
    );
    const statuses: number[] = [];
    let most = before;
    const looking = setInterval(() => {
      most = Math.max(most, residentMib());
    }, 50);
    for (const { answer } of uploads) {
      void answer.then(
        ({ status }) => statuses.push(status),
        () => statuses.push(0),
      );
    }
    await eventually(() => statuses.length === STALLED, 'all are given up', 45_000);
    clearInterval(looking);
    expect(most - before).toBeLessThan(GROWTH_MIB_MAX);
    const content = 'a'.repeat(2 * MEBIBYTE);
    const messages = [{ role: 'user', content }];
    const response = await world.ask({ token, body: { model: 'sim/answer', messages } });
    expect(response.status).toBe(200);
    for (const { socket } of uploads) socket.destroy();
  },
);

import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { startWorld, type World } from '../../support/world.ts';

// One thread serves all requests of a machine: none may keep it from the others.

const MEBIBYTE = 1024 * 1024;
const FREE = 'minimax/minimax-m2.5:free';
/** How much longer than a plain text of 20 MiB a body may keep others waiting, at most. */
const RATIO_MAX = 4;
/** Of what is waited for without any body: a shorter wait says nothing of the body. */
const NOISE_MS = 50;

let world: World;
let token = '';
let poller: Worker;
beforeAll(async () => {
  world = await startWorld();
  ({ token } = await world.newcomer(10_000));
  poller = new Worker(POLL, { eval: true, workerData: `${world.url}/health` });
});
afterAll(async () => {
  await poller.terminate();
  await world.stop();
});

/** In a thread of its own: the simulator, which reads the same bodies, is in this one. */
const POLL = `
  const { parentPort, workerData } = require('node:worker_threads');
  let longest = 0;
  parentPort.on('message', () => { parentPort.postMessage(longest); longest = 0; });
  const poll = async () => {
    const asked = performance.now();
    await (await fetch(workerData)).text();
    longest = Math.max(longest, performance.now() - asked);
    setTimeout(poll, 1);
  };
  void poll();
`;

/** What /health took at most since this was asked before, in milliseconds. */
async function longestSince(): Promise<number> {
  const told = once(poller, 'message');
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- A thread has no origin.
  poller.postMessage(null);
  const [longest] = z.tuple([z.number()]).parse(await told);
  return longest;
}

/** The longest that /health takes while a body is worked on: the least of three, as a body that blocks does so each time. */
async function longestWaitMs(body: string, model: string): Promise<number> {
  const text = body.replace('MODEL', model);
  let least = Number.POSITIVE_INFINITY;
  for (let time = 0; time < 3; time += 1) {
    await longestSince();
    const response = await world.ask({ token, body: text });
    await response.text();
    expect(response.status).toBe(200);
    least = Math.min(least, await longestSince());
  }
  return least;
}

const chat = (messages: string, more = '') => `{"model":"MODEL","messages":[${messages}]${more}}`;
const user = (content: string) => `{"role":"user","content":${content}}`;
const list = (count: number, entry: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => entry(index)).join(',');
const said = user('"Hello"');

/** Each as large as it may be in what makes it slow. */
const bodies: Readonly<Record<string, () => string>> = {
  'small messages': () => chat(list(9_999, () => said)),
  'tool calls with ids of their own': () =>
    chat(`{"role":"assistant","tool_calls":[${list(4_900, (n) => `{"id":"call.${n}"}`)}]},${said}`),
  'tool calls with long ids': () =>
    chat(
      `{"role":"assistant","tool_calls":[${list(4_900, (n) => `{"id":"${n}.${'x'.repeat(3900)}"}`)}]},${said}`,
    ),
  'tool calls of one id': () =>
    chat(`{"role":"assistant","tool_calls":[${list(4_900, () => '{"id":"call.1"}')}]},${said}`),
  'tool results without calls': () =>
    chat(
      `${list(4_900, (n) => `{"role":"tool","tool_call_id":"call.${n}","content":""}`)},${said}`,
    ),
  parts: () => chat(user(`[${list(15_000, () => '{"type":"text","text":"a"}')}]`)),
  tools: () =>
    chat(
      said,
      `,"tools":[${list(1_999, (n) => `{"type":"function","function":{"name":"t${n}","parameters":{"type":"object","properties":{"a":{"type":"string"}}}}}`)}]`,
    ),
  'fields with names of their own': () =>
    chat(said, `,"metadata":[${list(35_000, (n) => `{"name${n}":1}`)}]`),
  'nested lists': () =>
    chat(said, `,"metadata":[${list(700, () => '['.repeat(97) + ']'.repeat(97))}]`),
  'escaped characters': () => chat(user(`"${String.raw`\"`.repeat(999_000)}"`)),
  'tool arguments that are JSON': () =>
    chat(
      `{"role":"assistant","tool_calls":[${list(200, (n) => `{"id":"call.${n}","type":"function","function":{"name":"f","arguments":${JSON.stringify(JSON.stringify({ a: '"'.repeat(2000) }))}}}`)}]},${said}`,
    ),
  'wide text': () => chat(user(`"${'漢'.repeat(6 * MEBIBYTE)}"`)),
  'surrogates that are alone': () => chat(user(`"${String.raw`\ud800`.repeat(999_000)}"`)),
  'long numbers': () => chat(said, `,"metadata":[${list(70_000, () => '1'.repeat(250))}]`),
};

test(
  'no body that is accepted keeps others waiting much longer than a plain text of 20 MiB',
  { timeout: 240_000 },
  async () => {
    const plain = chat(user(`"${'a'.repeat(20 * MEBIBYTE - 1000)}"`));
    // The first ones compile what the others run.
    await longestWaitMs(plain, 'sim/answer');
    const reference = Math.max(NOISE_MS, await longestWaitMs(plain, 'sim/answer'));
    const waits: Record<string, number> = {};
    for (const [name, bodyOf] of Object.entries(bodies)) {
      // Ids are replaced for this maker, which is asked on a payer's account.
      const model = name.startsWith('tool') ? 'anthropic/claude-sonnet-4.5' : 'sim/answer';
      waits[name] = Math.round(await longestWaitMs(bodyOf(), model));
    }
    console.log({ reference: Math.round(reference), waits });
    const slow = Object.entries(waits).filter(([, ms]) => ms > RATIO_MAX * reference);
    expect(slow).toEqual([]);
  },
);

test.each([
  ['10000 messages', chat(list(10_001, () => said))],
  ['2000 tools', chat(said, `,"tools":[${list(2_001, () => '{}')}]`)],
  ['5000 tool calls', chat(`{"tool_calls":[${list(5_001, () => '{}')}]}`)],
  ['20000 parts', chat(user(`[${list(20_001, () => '{}')}]`))],
])('413: a chat with more than %s', async (what, body) => {
  const response = await world.ask({ body: body.replace('MODEL', FREE) });
  expect(response.status).toBe(413);
  expect(await response.json()).toEqual({
    error: 'Request too large',
    message: `The request body must not have more than ${what}.`,
  });
});

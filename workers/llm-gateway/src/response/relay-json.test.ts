import { expect, test } from 'vitest';
import { byteBudget } from '@gateway/worker-utils/byte-budget';
import { Instant } from '@gateway/worker-utils/time';
import { relayJson } from './relay-json.ts';

const replyOf = (text: string) => ({
  status: 200,
  headers: new Headers({ 'content-type': 'application/json' }),
  readAhead: [],
  body: new Blob([text]).stream(),
  at: Instant.parse(0),
  silence: { seconds: 25, thinkingSeconds: 120 },
  abort: () => undefined,
});
const needs = {
  heldAnswers: byteBudget(1024 * 1024),
  clientSignal: new AbortController().signal,
  pause: () => new Promise<void>(() => undefined),
  heldMs: 0,
  keepsReply: false,
  rewriting: null,
};
async function relayed(text: string) {
  const { body, end } = await relayJson(replyOf(text), needs);
  const { ending } = await end;
  return { ending, shown: body instanceof Uint8Array ? new TextDecoder().decode(body) : body };
}

test.each([
  ['{"id":"gen-1","model":"m","choices":[{"message":{}}]}', 'complete'],
  // Nothing that counts answers may take these for one.
  ['{"model":null,"choices":[{"message":{}}]}', 'failed'],
  ['{"model":"m","error":{"code":402}}', 'failed'],
])('%s is passed on as it came, and is %s', async (text, ending) => {
  expect(await relayed(text)).toEqual({ ending, shown: text });
});

test.each([
  '',
  '{"model":"m"',
  '[]',
  'null',
  '"text"',
  '<html>',
  '{"detail":"Not found"}',
  '{"id":null,"choices":null}',
  '{"model":"m","choices":[]}',
])('%j is no reply: nothing is shown of it', async (text) => {
  expect(await relayed(text)).toEqual({ ending: 'cut', shown: null });
});

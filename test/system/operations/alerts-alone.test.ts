import { answerTold } from '@gateway/worker-utils/testing/told';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../support/launcher.ts';
import { type MovedO11y, startMovedO11y } from '../../support/moved-o11y.ts';
import type { Reply } from '../../support/webhook.ts';

// Each alert by itself: what becomes of the others when one can't be sent.

const MINUTE_MS = 60_000;
const [REFUSED, HUNG, WELL] = ['refused/model', 'hung/model', 'well/model'];
let o11y: MovedO11y;
let replies: Readonly<Record<string, number | null>> = { [REFUSED]: 500, [HUNG]: null };

const modelIn = (body: string): string => /\w+\/model/.exec(body)?.[0] ?? '';
const reply: Reply = ({ body }) => {
  const status = replies[modelIn(body)];
  return status === undefined ? 200 : status;
};

beforeAll(async () => {
  o11y = await startMovedO11y(reply);
  for (const model of [REFUSED, HUNG, WELL]) {
    const config = { model, enabled: true, errorRateSlo: 0.99, minRequestsPerWindow: 10 };
    await o11y.send('PUT', '/alerting/config', config);
  }
});
afterAll(() => o11y?.stop());

const begin = Date.UTC(2026, 0, 1);
const failing = [REFUSED, HUNG, WELL].flatMap((model) =>
  Array.from({ length: 20 }, () => ({ ...answerTold, resolvedModel: model, statusCode: 503 })),
);
const minute = (n: number) => ({ at: begin + n * MINUTE_MS, runs: 1, metrics: failing });
/** What reached the webhooks in a minute: where, and of which model. */
async function during(n: number) {
  const before = o11y.slack.received.length;
  const response = await o11y.pass([minute(n)]);
  const failure = response.ok ? null : await response.text();
  const sent = o11y.slack.received
    .slice(before)
    .map(({ path, body }) => `${path} ${modelIn(body) || body}`);
  return { failure, sent };
}

test('a webhook that refuses one page, or never answers, keeps no other page back, and the run counts as failed, and is logged', async () => {
  expect(await during(0)).toEqual({ failure: null, sent: [] });
  const { failure, sent } = await during(1);
  expect(sent.filter((one) => one.includes(WELL))).toEqual([`/page ${WELL}`]);
  expect(failure).toMatch(/^AggregateError: Alert evaluation failed with 6 error\(s\): /);
  expect(failure).toContain('Slack webhook failed (500): refused');
  expect(failure).toContain('Slack webhook could not be reached (TimeoutError)');
  const logged = () => o11y.lines.some((line) => line.includes('"alert evaluation failed"'));
  await eventually(logged, 'a line of the log');
  expect(o11y.lines.join('\n')).not.toContain(o11y.slack.url);
});

test('runs that have failed for ten minutes are told to who reads tickets', async () => {
  replies = { [REFUSED]: 500, [HUNG]: 500 };
  for (let n = 2; n < 11; n += 1) {
    const { sent } = await during(n);
    expect(sent.filter((one) => one.includes('Alerts have not been evaluated'))).toEqual([]);
  }
  const { sent } = await during(11);
  expect(sent.filter((one) => one.includes('Alerts have not been evaluated'))).toEqual([
    expect.stringContaining('/ticket {"text":":warning: Alerts have not been evaluated completely'),
  ]);
});

test('what could not be sent is sent by the next run that can, once', async () => {
  replies = {};
  const { failure, sent } = await during(12);
  expect(failure).toBeNull();
  expect(sent.toSorted()).toEqual([`/page ${HUNG}`, `/page ${REFUSED}`]);
  expect(await during(13)).toEqual({ failure: null, sent: [] });
});

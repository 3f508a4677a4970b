import { answerTold } from '@gateway/worker-utils/testing/told';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type MovedO11y, startMovedO11y } from '../../support/moved-o11y.ts';

// A day of traffic in seconds.

const MODEL = answerTold.resolvedModel;
const MINUTE_MS = 60_000;
const REQUESTS_A_MINUTE = 12;
let o11y: MovedO11y;

beforeAll(async () => {
  o11y = await startMovedO11y();
});
afterAll(() => o11y?.stop());

const midnight = Date.UTC(2026, 0, 1);

const NOON = 12 * 60;
const OUTAGE_MINUTES = 10;

const minuteOfDay = (minute: number) => {
  const isOut = minute >= NOON && minute < NOON + OUTAGE_MINUTES;
  return {
    at: midnight + minute * MINUTE_MS,
    // Crons that are late overlap.
    runs: isOut ? 2 : 1,
    metrics: Array.from({ length: REQUESTS_A_MINUTE }, (_, n) => ({
      ...answerTold,
      statusCode: isOut && n % 3 < 2 ? 503 : 200,
    })),
  };
};

test(
  'an outage of ten minutes at noon is one page in its second minute, no ticket, and nothing after it, though crons overlap',
  { timeout: 300_000 },
  async () => {
    const config = { model: MODEL, enabled: true, errorRateSlo: 0.99, minRequestsPerWindow: 10 };
    expect((await o11y.send('PUT', '/alerting/config', config)).status).toBe(200);
    const sentByHour: number[] = [];
    for (let hour = 0; hour < 24; hour += 1) {
      const minutes = Array.from({ length: 60 }, (_, minute) => minuteOfDay(hour * 60 + minute));
      expect((await o11y.pass(minutes)).status).toBe(200);
      sentByHour.push(o11y.slack.received.length);
    }
    expect(sentByHour).toEqual([...Array<number>(12).fill(0), ...Array<number>(12).fill(1)]);
    const [page] = o11y.slack.received;
    expect(page?.path).toBe('/page');
    // Of five minutes with twelve requests each, one minute had eight errors: too few. Two have sixteen.
    expect(page?.body).toContain('Error rate: 26.67% (SLO: 99.00%)');
    expect(page?.body).toContain('Total requests: 60');
  },
);

import type { SessionMetricsInput } from '@gateway/worker-utils/session-metrics';
import { expect, test } from 'vitest';
import { close, message, newSession, now, open } from '../testing/new-session.ts';
import { reportMetrics } from './report-metrics.ts';

function newReports() {
  const session = newSession();
  const sent: SessionMetricsInput[] = [];
  const keep = async (metrics: SessionMetricsInput): Promise<void> => void sent.push(metrics);
  const report = (send = keep) =>
    reportMetrics({
      tables: session.tables,
      send,
      clock: { now: () => now },
      retryMs: 30_000,
    });
  return { session, sent, report };
}

test('what comes after the close or after the report moves neither', async () => {
  const { session, report } = newReports();
  session.take(1, open, close);
  expect(session.take(1, message('m')).alarmAt).toBeNull();
  session.take(1, open);
  await report();
  expect(session.take(1, message('m2')).alarmAt).toBeNull();
});

test('a session is reported once, with the reason of its close or as abandoned', async () => {
  const { session, sent, report } = newReports();
  session.take(1, open, message('m', { role: 'user' }));
  await report();
  await report();
  expect(sent.map((metrics) => metrics.terminationReason)).toEqual(['abandoned']);
  session.take(1, open, message('m2', { role: 'user' }), close);
  await report();
  await report();
  expect(sent.map((metrics) => metrics.terminationReason)).toEqual(['abandoned', 'completed']);
});

test('a batch that comes twice does not report twice', async () => {
  const { session, sent, report } = newReports();
  const batch = [open, message('m', { role: 'user' }), close];
  session.take(1, ...batch);
  await report();
  session.take(1, ...batch);
  await report();
  session.take(1, open);
  await report();
  expect(sent).toHaveLength(1);
});

test('an outage of o11y delays the report and loses nothing', async () => {
  const { session, sent, report } = newReports();
  session.take(1, open, close);
  const away = async (): Promise<void> => {
    throw new Error('away');
  };
  expect(await report(away)).toMatchObject({ kind: 'failed', retryAt: now + 30_000 });
  expect(await report(away)).toMatchObject({ kind: 'failed', retryAt: now + 60_000 });
  for (let tries = 0; tries < 20; tries += 1) await report(away);
  expect(await report(away)).toMatchObject({ retryAt: now + 3_600_000 });
  expect(await report()).toEqual({ kind: 'reported' });
  expect(sent).toHaveLength(1);
});

test('a report is tried for a week; a session that opens again after that is tried for a week again', async () => {
  const { session, sent, report } = newReports();
  const away = async (): Promise<void> => {
    throw new Error('away');
  };
  const daysUntilGivenUp = async () => {
    let waitedMs = 0;
    for (;;) {
      const outcome = await report(away);
      if (outcome.kind !== 'failed' || outcome.retryAt === null) {
        return Math.round(waitedMs / (24 * 60 * 60_000));
      }
      waitedMs += outcome.retryAt - now;
    }
  };
  session.take(1, open, close);
  expect(await daysUntilGivenUp()).toBe(7);
  session.take(1, open, close);
  expect(await daysUntilGivenUp()).toBe(7);
  session.take(1, open, close);
  expect(await report()).toEqual({ kind: 'reported' });
  expect(sent).toHaveLength(1);
});

test('a session that opens again while it is reported is reported again', async () => {
  const { session, sent, report } = newReports();
  session.take(1, open, message('m', { role: 'user' }));
  await report(async (metrics) => {
    sent.push(metrics);
    session.take(1, open, message('m2', { role: 'user' }), close);
  });
  await report();
  expect(sent.map((metrics) => metrics.totalTurns)).toEqual([1, 2]);
});

test('a session that is deleted while it is reported leaves nothing', async () => {
  const { session, report } = newReports();
  session.take(1, open);
  await report(async () => session.clear());
  expect(session.tables().meta.get('reported')).toBeNull();
  expect(await report()).toEqual({ kind: 'nothing-to-report' });
});

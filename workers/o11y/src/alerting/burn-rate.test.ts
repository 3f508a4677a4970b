import { Instant } from '@gateway/worker-utils/time';
import { expect, test } from 'vitest';
import { breachesIn, stillBurning } from './breaches.ts';
import { burnRate } from './burn-rate.ts';
import { alertKey, dimensionKey } from './dimension.ts';
import { errorRateExaminations, ttfbExaminations } from './objective.ts';
import { isSuppressed } from './suppression.ts';
import { burnWindows } from './windows.ts';

test.each([
  [{ total: 100, bad: 1 }, 0.99, 1],
  [{ total: 100, bad: 60 }, 0.99, 60],
  [{ total: 1_000, bad: 72 }, 0.995, 14.4],
  // A budget of 30 days: gone in two days, in five, in thirty.
  [{ total: 10_000, bad: 144 }, 0.999, 14.4],
  [{ total: 10_000, bad: 60 }, 0.999, 6],
  [{ total: 10_000, bad: 10 }, 0.999, 1],
  [{ total: 10_000, bad: 10_000 }, 0.999, 1_000],
  [{ total: 3, bad: 1 }, 0.5, 2 / 3],
  [{ total: 100, bad: 0 }, 0.99, 0],
  [{ total: 0, bad: 0 }, 0.99, 0],
  [{ total: 100, bad: 0 }, 1, Number.POSITIVE_INFINITY],
])('%j of an objective of %d burns at %d', (counts, slo, rate) => {
  expect(burnRate(counts, slo)).toBeCloseTo(rate, 9);
});

test('the windows are those of the objective, pages first, the fastest burn first', () => {
  expect(
    burnWindows.map((window) => [
      window.severity,
      window.longMinutes,
      window.shortMinutes,
      window.burnRate,
    ]),
  ).toEqual([
    ['page', 5, 1, 14.4],
    ['page', 30, 3, 6],
    ['ticket', 360, 30, 1],
  ]);
});

const dimension = { provider: 'openrouter', model: 'a/model:free', clientName: 'kilo-gateway' };

test('keys tell severity, kind and dimension apart, and keep colons', () => {
  expect(dimensionKey(dimension)).toBe('openrouter:a/model:free:kilo-gateway');
  expect(alertKey('page', 'ttfb', dimension)).toBe(
    'o11y:alert:page:ttfb:openrouter:a/model:free:kilo-gateway',
  );
});

const config = {
  model: 'a/model:free',
  enabled: true,
  errorRateSlo: 0.99,
  minRequestsPerWindow: 10,
  updatedAt: '',
};
const [page] = burnWindows;

test('a dimension trips from the threshold on, with enough requests, when its model is configured', () => {
  const [examination] = errorRateExaminations([config]);
  if (!examination) throw new Error('no examination');
  const tripped = (total: number, bad: number, model = dimension.model) =>
    breachesIn([{ ...dimension, model, total, bad }], examination, page).length;
  expect(tripped(1_000, 144)).toBe(1);
  expect(tripped(1_000, 143)).toBe(0);
  expect(tripped(10, 10)).toBe(1);
  expect(tripped(9, 9)).toBe(0);
  expect(tripped(1_000, 1_000, 'b/model')).toBe(0);
});

test('the last row of a dimension wins, in both windows', () => {
  const [examination] = errorRateExaminations([config]);
  if (!examination) throw new Error('no examination');
  const rows = [
    { ...dimension, total: 100, bad: 100 },
    { ...dimension, total: 100, bad: 0 },
  ];
  expect(breachesIn(rows, examination, page)).toEqual([]);
  const burning = breachesIn(rows.toReversed(), examination, page);
  expect(burning).toMatchObject([{ counts: { bad: 100 } }]);
  expect(stillBurning(burning, [])).toEqual([]);
  expect(stillBurning(burning, burning)).toEqual(burning);
});

test('a disabled configuration asks nothing; thresholds that are the same ask once', () => {
  expect(errorRateExaminations([{ ...config, enabled: false }])).toEqual([]);
  const ttfb = {
    model: 'a',
    enabled: true,
    ttfbThresholdMs: 2_000,
    ttfbSlo: 0.9,
    minRequestsPerWindow: 1,
    updatedAt: '',
  };
  const examinations = ttfbExaminations([
    ttfb,
    { ...ttfb, model: 'b' },
    { ...ttfb, model: 'c', ttfbThresholdMs: 500 },
    { ...ttfb, model: 'd', enabled: false },
  ]);
  expect(
    examinations.map(({ question, objectives }) => [
      question.kind === 'ttfb' && question.thresholdMs,
      [...objectives.keys()],
    ]),
  ).toEqual([
    [2_000, ['a', 'b']],
    [500, ['c']],
  ]);
});

const at = (minutes: number) => Instant.parse(minutes * 60_000);

test.each([
  ['a page is repeated after 15 minutes', 'page', { page: 100, ticket: null }, 115, false],
  ['a page speaks for 15 minutes', 'page', { page: 100, ticket: null }, 114, true],
  ['a ticket never keeps a page back', 'page', { page: null, ticket: 100 }, 100, false],
  ['a ticket speaks for four hours', 'ticket', { page: null, ticket: 100 }, 339, true],
  ['a ticket is repeated after four hours', 'ticket', { page: null, ticket: 100 }, 340, false],
  ['a page speaks for tickets', 'ticket', { page: 100, ticket: null }, 114, true],
  ['and for the end of its own outage', 'ticket', { page: 100, ticket: null }, 144, true],
  ['but not for longer', 'ticket', { page: 100, ticket: null }, 145, false],
  ['nothing was sent', 'ticket', { page: null, ticket: null }, 0, false],
] as const)('%s', (_name, severity, sent, now, isQuiet) => {
  const lastSent = {
    page: sent.page === null ? null : at(sent.page),
    ticket: sent.ticket === null ? null : at(sent.ticket),
  };
  expect(isSuppressed(severity, lastSent, at(now))).toBe(isQuiet);
});

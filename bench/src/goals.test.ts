import { expect, test } from 'vitest';
import type { Figures } from './figures.ts';
import { goalsOf } from './goals.ts';
import { type TargetKey, targetNames } from './targets.ts';
import { oneClient, slow, streamed, type Workload } from './workloads.ts';

const figuresOf = (
  workload: Workload,
  target: TargetKey,
  measured: Partial<Figures> = {},
): Figures => ({
  workload: workload.name,
  target: targetNames[target],
  answers: 10,
  failures: 0,
  firstFailure: null,
  perSecond: 100,
  firstByteMs: { p50: 1, p99: 2 },
  totalMs: { p50: 1, p99: 2 },
  cpuMs: { server: 1, postgres: null, simulator: null },
  writtenKb: null,
  residentMib: null,
  residentSeenMib: null,
  ...measured,
});
const cpu = (server: number) => ({ cpuMs: { server, postgres: null, simulator: null } });

const found = (figures: readonly Figures[]) =>
  new Map(goalsOf(figures).map(({ goal, measured, isMet }) => [goal, { measured, isMet }]));

test('a goal is met at its bound, and not beyond it', () => {
  const streamedFor = (paid: number) =>
    found([
      figuresOf(streamed, 'paid', cpu(paid)),
      figuresOf(streamed, 'tee', cpu(2)),
      figuresOf(streamed, 'portkey', cpu(9)),
    ]);
  const [beside, less] = [
    'CPU of a streamed request, beside the tee() pass-through',
    'less CPU than Portkey: 100 events streamed, 16 clients',
  ];
  expect(streamedFor(3).get(beside)).toEqual({ measured: 1.5, isMet: true });
  expect(streamedFor(3).get(less)).toEqual({ measured: 3, isMet: true });
  expect(streamedFor(4).get(beside)).toEqual({ measured: 2, isMet: false });
  expect(streamedFor(4).get(less)).toEqual({ measured: 2.25, isMet: false });
});

test('what is added is what is above the upstream', () => {
  const goals = found([
    figuresOf(oneClient, 'direct', { totalMs: { p50: 0.5, p99: 1 } }),
    figuresOf(oneClient, 'paid', { totalMs: { p50: 3, p99: 10 } }),
  ]);
  expect(goals.get('added at one client, p50: gateway, paid')).toEqual({
    measured: 2.5,
    isMet: true,
  });
  expect(goals.get('added at one client, p99: gateway, paid')).toEqual({
    measured: 9,
    isMet: false,
  });
});

test('memory that grows from round to round misses its goal, and one round shows nothing', () => {
  const grown = (...most: readonly number[]) =>
    found([figuresOf(slow, 'paid', { residentMib: { before: 50, most } })]).get(
      '500 slow streams: memory of the last round, beside the first',
    );
  expect(grown(100, 300, 105)?.isMet).toBe(true);
  expect(grown(100, 120, 140)?.isMet).toBe(false);
  expect(grown(100)).toEqual({ measured: null, isMet: null });
});

test('what was not measured is neither met nor missed', () => {
  expect(new Set(goalsOf([]).map(({ isMet }) => isMet))).toEqual(new Set([null]));
});

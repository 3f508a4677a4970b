import { expect, test } from 'vitest';
import { againstReport } from './against-report.ts';
import { type Comparison, comparisonOf, type Role, verdictOf } from './comparison.ts';
import type { Measured, Sample } from './rounds.ts';
import { small } from './workloads.ts';

/** Of ten answers each, which took the server so many milliseconds. */
const roundsOf = (cpuMs: readonly number[]): readonly Sample[] =>
  cpuMs.map((server) => ({
    answers: { firstByteMs: [], totalMs: Array.from({ length: 10 }, () => server), failures: [] },
    seconds: 1,
    cpuMs: { server, postgres: 20 },
    writtenBytes: 50_000,
    residentMib: null,
  }));

const compared = (rounds: Readonly<Record<Role, readonly Sample[]>>): Comparison => {
  const measured = (name: Role): Measured => ({
    target: { name, url: '', pids: {}, asker: () => () => ({ headers: {}, body: '' }) },
    workload: small,
    samples: rounds[name],
    residentBeforeMib: null,
  });
  return comparisonOf({
    before: measured('before'),
    after: measured('after'),
    control: measured('control'),
  });
};

test('a ratio is that of the same round, so that a round in which all was slow hides nothing', () => {
  const { ratios, figures } = compared({
    before: roundsOf([100, 400, 100, 100, 100]),
    after: roundsOf([90, 360, 80, 90, 95]),
    control: roundsOf([100, 440, 99, 100, 101]),
  });
  expect(ratios.cpuMs.after).toEqual({ rounds: 5, median: 0.9, least: 0.8, most: 0.95 });
  expect(ratios.cpuMs.control).toEqual({ rounds: 5, median: 1, least: 0.99, most: 1.1 });
  expect(verdictOf(ratios.cpuMs)).toBe('less');
  expect(verdictOf(ratios.postgresCpuMs)).toBe('within noise');
  expect(figures.after.cpuMs.server).toBe(9);
  expect(figures.after.writtenKb).toBe(5);
});

test('a difference that the control shows too in some round is noise', () => {
  const { ratios } = compared({
    before: roundsOf([100, 100, 100, 100]),
    after: roundsOf([110, 112, 115, 130]),
    control: roundsOf([99, 100, 101, 111]),
  });
  expect(verdictOf(ratios.cpuMs)).toBe('within noise');
});

test('what is greater in each round than in any of the control is more', () => {
  const { ratios } = compared({
    before: roundsOf([100, 100, 100, 100]),
    after: roundsOf([112, 112, 115, 130]),
    control: roundsOf([99, 100, 101, 111]),
  });
  expect(verdictOf(ratios.cpuMs)).toBe('more');
});

test('too few rounds give ratios and no verdict', () => {
  const { ratios } = compared({
    before: roundsOf([100, 100]),
    after: roundsOf([50, 50]),
    control: roundsOf([100, 100]),
  });
  expect(ratios.cpuMs.after?.median).toBe(0.5);
  expect(verdictOf(ratios.cpuMs)).toBeNull();
});

test('where nothing was answered there is no ratio, and the report is incomplete and says why', () => {
  const failed = (): readonly Sample[] =>
    roundsOf([0]).map((sample) => ({
      ...sample,
      answers: { firstByteMs: [], totalMs: [], failures: ['500: broken'] },
    }));
  const comparison = compared({
    before: roundsOf([100]),
    after: failed(),
    control: roundsOf([100]),
  });
  expect(comparison.ratios.cpuMs.after).toBeNull();
  const machine = { cores: 2, cpu: 'x', kernel: '6', node: 'v24', load: '0' };
  const report = againstReport(
    { at: 'now', seconds: 1, machine, othersPercent: 50, isQuick: false },
    { ref: 'HEAD~1', commit: 'abc', changed: [], comparisons: [comparison] },
  );
  expect(report.isIncomplete).toBe(true);
  expect(report.text).toContain('! after: 1 of 1 failed, the first with 500: broken');
  expect(report.text).toContain('Others used 50 % of the machine');
});

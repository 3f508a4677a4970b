import type { Measured, Sample } from './rounds.ts';
import { median, percentile, sum } from './statistics.ts';

/** What is told of one target under one workload. Null: it has no such process, or nothing was answered. */
export type Figures = {
  readonly workload: string;
  readonly target: string;
  readonly answers: number;
  readonly failures: number;
  readonly firstFailure: string | null;
  /** The median of the rounds. */
  readonly perSecond: number | null;
  /** Over all answers of all rounds. */
  readonly firstByteMs: Spread;
  readonly totalMs: Spread;
  /** A request, the median of the rounds. */
  readonly cpuMs: {
    readonly server: number | null;
    readonly postgres: number | null;
    readonly simulator: number | null;
  };
  /** By the server to the disk, a request, the median of the rounds. */
  readonly writtenKb: number | null;
  /** What the server held before it was warmed up, and the most in each round: what grows is no plateau. */
  readonly residentMib: { readonly before: number; readonly most: readonly number[] } | null;
  /** All that was seen of it, where many streams run at once. */
  readonly residentSeenMib: readonly number[] | null;
};
type Spread = { readonly p50: number | null; readonly p99: number | null };

export function figuresOf({
  target,
  workload,
  samples,
  residentBeforeMib: before,
}: Measured): Figures {
  const failures = samples.flatMap(({ answers }) => answers.failures);
  return {
    workload: workload.name,
    target: target.name,
    answers: sum(samples.map(countOf)),
    failures: failures.length,
    firstFailure: failures[0] ?? null,
    perSecond: told(median(samples.map((sample) => countOf(sample) / sample.seconds))),
    firstByteMs: spreadOf(samples.flatMap(({ answers }) => answers.firstByteMs)),
    totalMs: spreadOf(samples.flatMap(({ answers }) => answers.totalMs)),
    cpuMs: {
      server: aRequest(samples, cpuMsOf('server')),
      postgres: aRequest(samples, cpuMsOf('postgres')),
      simulator: aRequest(samples, cpuMsOf('simulator')),
    },
    writtenKb: aRequest(samples, writtenKb),
    residentMib:
      before === null ? null : { before: whole(before), most: mostIn(samples).map(whole) },
    residentSeenMib: workload.isOnce ? seenIn(samples).map(whole) : null,
  };
}

const seenIn = (samples: readonly Sample[]): readonly number[] =>
  samples.flatMap(({ residentMib }) => residentMib ?? []);

const mostIn = (samples: readonly Sample[]): readonly number[] =>
  samples.flatMap(({ residentMib }) => (residentMib ? [Math.max(...residentMib)] : []));

const whole = (mib: number): number => Math.round(mib);

const countOf = ({ answers }: Sample): number => answers.totalMs.length;
const told = (number: number): number | null => (Number.isFinite(number) ? number : null);
const spreadOf = (ms: readonly number[]): Spread => ({
  p50: told(percentile(ms, 0.5)),
  p99: told(percentile(ms, 0.99)),
});

type Used = (sample: Sample) => number | undefined;
type Process = keyof Sample['cpuMs'];

export const cpuMsOf =
  (name: Process): Used =>
  (sample) =>
    sample.cpuMs[name];

export const writtenKb: Used = ({ writtenBytes }) =>
  writtenBytes === null ? undefined : writtenBytes / 1000;

const aRequest = (samples: readonly Sample[], used: Used): number | null =>
  told(median(samples.flatMap((sample) => perRequest(sample, used) ?? [])));

/** Null: it has no such process, or nothing was answered. */
export function perRequest(sample: Sample, used: Used): number | null {
  const all = used(sample);
  return all === undefined || countOf(sample) === 0 ? null : all / countOf(sample);
}

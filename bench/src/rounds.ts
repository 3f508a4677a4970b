import { setTimeout as sleep } from 'node:timers/promises';
import { type Answers, load } from './load.ts';
import { cpuMsOf, residentMib, writtenBytesOf } from './process-cost.ts';
import { sum } from './statistics.ts';
import type { Target } from './targets.ts';
import { scenarioOf, type Workload } from './workloads.ts';

export type Sample = {
  readonly answers: Answers;
  /** From the first question to the last answer. */
  readonly seconds: number;
  /** Of each server process, over the answers and what is done after them. */
  readonly cpuMs: Readonly<Partial<Record<keyof Target['pids'], number>>>;
  /** What the server has sent to the disk meanwhile. Null: there is none. */
  readonly writtenBytes: number | null;
  /** What the server held, every 50 ms. Null: nobody looked. */
  readonly residentMib: readonly number[] | null;
};

export type Size = {
  /** How many are asked before anything is measured: who asks is known by then, and their ledgers exist. */
  readonly warmUpAsked: number;
  readonly rounds: number;
  readonly sampleMs: number;
  /** What a gateway does after its answers belongs to their cost. */
  readonly settleMs: number;
};

export type Measured = {
  readonly target: Target;
  readonly workload: Workload;
  readonly samples: readonly Sample[];
  /** What the server held before anybody warmed it up for this. */
  readonly residentBeforeMib: number | null;
};

export type Plan = readonly {
  readonly workload: Workload;
  readonly targets: readonly Target[];
  readonly size: Size;
}[];

export type Needs = {
  readonly simulatorOrigin: string;
  readonly progress: (done: number, all: number, what: string) => void;
};

/** What a round leaves behind must not fall into the next. */
const WARM_UP_SETTLE_MS_MAX = 100;

/**
 * Each target once a round, each round beginning with another one: what the machine does besides hits all alike. The first
 * round warms up, and is not told.
 */
export async function measure(plan: Plan, needs: Needs): Promise<readonly Measured[]> {
  const all = sum(plan.map(({ size, targets }) => targets.length * (1 + size.rounds)));
  let done = 0;
  const measured: Measured[] = [];
  for (const { workload, targets, size } of plan) {
    const samples = targets.map((): Sample[] => []);
    const before = targets.map(({ pids: { server } }) =>
      server === undefined ? null : residentMib(server),
    );
    for (let round = 0; round <= size.rounds; round += 1) {
      for (let turn = 0; turn < targets.length; turn += 1) {
        const index = (turn + round) % targets.length;
        const target = targets[index];
        if (!target) continue;
        needs.progress(done, all, `${workload.name}: ${target.name}`);
        await play(workload, needs.simulatorOrigin);
        const lasting = round === 0 ? warmUp(size, workload) : measuring(size);
        const sample = await sampleOf(target, workload, lasting);
        if (round > 0) samples[index]?.push(sample);
        done += 1;
      }
    }
    measured.push(
      ...targets.map((target, index) => ({
        target,
        workload,
        samples: samples[index] ?? [],
        residentBeforeMib: before[index] ?? null,
      })),
    );
  }
  return measured;
}

type Lasting = Pick<Size, 'settleMs'> & {
  readonly goesOn: (asked: number, ms: number) => boolean;
  /** Waited for before each question, where several targets are asked in step. */
  readonly inStep?: () => Promise<void>;
};

const warmUp = ({ settleMs, warmUpAsked }: Size, { payers }: Workload): Lasting => ({
  goesOn: (asked) => asked < Math.max(warmUpAsked, payers),
  settleMs: Math.min(settleMs, WARM_UP_SETTLE_MS_MAX),
});
const measuring = ({ settleMs, sampleMs }: Size): Lasting => ({
  goesOn: (_, ms) => ms < sampleMs,
  settleMs,
});

export async function sampleOf(
  target: Target,
  workload: Workload,
  { goesOn, settleMs, inStep }: Lasting,
): Promise<Sample> {
  const { server } = target.pids;
  const looked = server === undefined ? null : watchMemory(server);
  const ask = target.asker(workload);
  const before = cpuNow(target);
  const written = server === undefined ? null : growthOf(() => writtenBytesOf(server));
  const begun = performance.now();
  const answers = await load({
    url: target.url,
    clients: workload.clients,
    goesOn: (asked) => !workload.isOnce && goesOn(asked, performance.now() - begun),
    ask: inStep ? () => inStep().then(ask) : ask,
    end: workload.isStreamed ? '[DONE]' : '"usage"',
  });
  const seconds = (performance.now() - begun) / 1000;
  await sleep(settleMs);
  const after = cpuNow(target);
  const cpuMs = Object.fromEntries(
    after.map(([name, ms], index) => [name, ms - (before[index]?.[1] ?? 0)]),
  );
  return {
    answers,
    seconds,
    cpuMs,
    writtenBytes: written?.() ?? null,
    residentMib: looked?.() ?? null,
  };
}

const cpuNow = ({ pids }: Target): readonly (readonly [string, number])[] =>
  Object.entries(pids).map(([name, pid]) => [name, cpuMsOf(pid)] as const);

/** Tells, when it is asked, by how much it is more than now. */
function growthOf(now: () => number): () => number {
  const before = now();
  return () => now() - before;
}

export const LOOK_MS = 50;

/** Tells, when it is asked, what has been seen since. */
function watchMemory(pid: number): () => readonly number[] {
  const seen = [residentMib(pid)];
  const timer = setInterval(() => seen.push(residentMib(pid)), LOOK_MS);
  return () => {
    clearInterval(timer);
    return [...seen, residentMib(pid)];
  };
}

/** For whatever model is asked. The log of what was played must not grow with the run. */
export async function play(workload: Workload, origin: string): Promise<void> {
  const post = (path: string, body: unknown) =>
    fetch(`${origin}${path}`, { method: 'POST', body: JSON.stringify(body) });
  for (const response of [
    await post('/log/reset', {}),
    await post('/scenario', { scenario: scenarioOf(workload) }),
  ]) {
    if (!response.ok) throw new Error(`The simulator refused: ${await response.text()}`);
  }
}

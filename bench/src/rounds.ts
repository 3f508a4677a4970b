import { setTimeout as sleep } from 'node:timers/promises';
import { type Answers, load } from './load.ts';
import { PAYERS } from './payers.ts';
import { cpuMsOf, residentMib } from './process-cost.ts';
import type { Target } from './targets.ts';
import { scenarioOf, type Workload } from './workloads.ts';

export type Sample = {
  readonly answers: Answers;
  /** From the first question to the last answer. */
  readonly seconds: number;
  /** Of each server process, over the answers and what is done after them. */
  readonly cpuMs: Readonly<Partial<Record<keyof Target['pids'], number>>>;
  /** The most that the server has held. */
  readonly residentMib: number | null;
};

export type Size = {
  readonly rounds: number;
  readonly sampleMs: number;
};

export type Measured = {
  readonly target: Target;
  readonly workload: Workload;
  readonly samples: readonly Sample[];
};

export type Plan = readonly {
  readonly workload: Workload;
  readonly targets: readonly Target[];
}[];

type Needs = {
  readonly size: Size;
  readonly simulatorOrigin: string;
  readonly progress: (done: number, all: number, what: string) => void;
};

/** Every payer a few times: their ledgers exist by then, and what is known of them is remembered. */
const WARM_UP_ASKED = 4 * PAYERS;

/** What a gateway does after its answers belongs to their cost. */
const SETTLE_MS = 400;

/**
 * Each target once a round, each round beginning with another one: what the machine does besides hits all alike. The first
 * round warms up, and is not told.
 */
export async function measure(plan: Plan, needs: Needs): Promise<readonly Measured[]> {
  const all = plan.reduce(
    (count, { workload, targets }) => count + targets.length * roundsOf(workload, needs.size),
    0,
  );
  let done = 0;
  const measured: Measured[] = [];
  for (const { workload, targets } of plan) {
    const samples = targets.map((): Sample[] => []);
    const rounds = roundsOf(workload, needs.size);
    for (let round = 0; round < rounds; round += 1) {
      for (let turn = 0; turn < targets.length; turn += 1) {
        const index = (turn + round) % targets.length;
        const target = targets[index];
        if (!target) continue;
        needs.progress(done, all, `${workload.name}: ${target.name}`);
        await play(workload, needs.simulatorOrigin);
        const sample = await sampleOf(
          target,
          workload,
          round === 0 ? 'warm up' : needs.size.sampleMs,
        );
        if (round > 0) samples[index]?.push(sample);
        done += 1;
      }
    }
    measured.push(
      ...targets.map((target, index) => ({ target, workload, samples: samples[index] ?? [] })),
    );
  }
  return measured;
}

const roundsOf = ({ isOnce }: Workload, { rounds }: Size): number =>
  1 + (isOnce ? Math.ceil(rounds / 2) : rounds);

async function sampleOf(
  target: Target,
  workload: Workload,
  lasts: number | 'warm up',
): Promise<Sample> {
  const { server } = target.pids;
  const looking = server === undefined ? null : watchMemory(server);
  const ask = target.asker(workload);
  const before = cpuNow(target);
  const begun = performance.now();
  const answers = await load({
    url: target.url,
    clients: workload.clients,
    goesOn: (asked) =>
      !workload.isOnce &&
      (lasts === 'warm up' ? asked < WARM_UP_ASKED : performance.now() < begun + lasts),
    ask,
    end: workload.isStreamed ? '[DONE]' : '"usage"',
  });
  const seconds = (performance.now() - begun) / 1000;
  await sleep(SETTLE_MS);
  const after = cpuNow(target);
  const cpuMs = Object.fromEntries(
    after.map(([name, ms], index) => [name, ms - (before[index]?.[1] ?? 0)]),
  );
  return { answers, seconds, cpuMs, residentMib: looking?.() ?? null };
}

const cpuNow = ({ pids }: Target): readonly (readonly [string, number])[] =>
  Object.entries(pids).map(([name, pid]) => [name, cpuMsOf(pid)] as const);

const LOOK_MS = 50;

/** Tells, when it is asked, the most that there has been since. */
function watchMemory(pid: number): () => number {
  let most = residentMib(pid);
  const timer = setInterval(() => {
    most = Math.max(most, residentMib(pid));
  }, LOOK_MS);
  return () => {
    clearInterval(timer);
    return Math.max(most, residentMib(pid));
  };
}

/** For whatever model is asked. The log of what was played must not grow with the run. */
async function play(workload: Workload, origin: string): Promise<void> {
  const post = (path: string, body: unknown) =>
    fetch(`${origin}${path}`, { method: 'POST', body: JSON.stringify(body) });
  for (const response of [
    await post('/log/reset', {}),
    await post('/scenario', { scenario: scenarioOf(workload) }),
  ]) {
    if (!response.ok) throw new Error(`The simulator refused: ${await response.text()}`);
  }
}

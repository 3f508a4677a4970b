import { z } from 'zod';
import { type Role, roles } from './comparison.ts';
import { lockstep } from './lockstep.ts';
import { type Measured, type Needs, play, type Sample, sampleOf } from './rounds.ts';
import type { askers, Target } from './targets.ts';
import { bodiesOf, divided, oneClient, small, streamed, type Workload } from './workloads.ts';

type Load = {
  readonly workload: Workload;
  readonly who: keyof typeof askers;
  /** How often each is asked in a round. */
  readonly asked: number;
};

const load = (workload: Workload, asked: number, who: Load['who'] = 'paid'): Load => ({
  workload: divided(workload, roles.length),
  who,
  asked,
});

const loadNames = [
  'one-client',
  'small',
  'streamed',
  '10kB',
  '100kB',
  '1MB',
  'free',
  'free-streamed',
  'own-key',
] as const;
type LoadName = (typeof loadNames)[number];
export const LoadNames = z.array(z.enum(loadNames)).min(1);

export const loads: Readonly<Record<LoadName, Load>> = {
  'one-client': load(oneClient, 150),
  small: load(small, 300),
  streamed: load(streamed, 300),
  '10kB': load(bodiesOf(10_000), 300),
  '100kB': load(bodiesOf(100_000), 300),
  '1MB': load(bodiesOf(1_000_000), 150),
  free: load({ ...small, name: `${small.name}, free and anonymous` }, 300, 'free'),
  'free-streamed': load({ ...streamed, name: `${streamed.name}, free and anonymous` }, 300, 'free'),
  'own-key': load({ ...small, name: `${small.name}, own key` }, 300, 'ownKey'),
};

export type Targets = Readonly<Record<Role, (who: Load['who']) => Target>>;

export type InStep = {
  readonly only: readonly LoadName[];
  readonly rounds: number;
  readonly extent: keyof typeof extents;
};

const extents = {
  /** Metrics go out each second, and belong to the cost of the answers that they tell of. */
  whole: { askedMax: 300, settleMs: 1_200 },
  /** Shows that everything is there, and no figure that means anything. */
  tiny: { askedMax: 6, settleMs: 20 },
} as const;

/**
 * All at once, question by question: none is asked faster than the others, and what the machine does besides hits all alike.
 * Each round asks another one first. The first round warms up, and is not told.
 */
export async function measureInStep(
  targets: Targets,
  { only, rounds, extent }: InStep,
  needs: Needs,
): Promise<readonly Readonly<Record<Role, Measured>>[]> {
  const { askedMax, settleMs } = extents[extent];
  const all = only.length * (1 + rounds);
  let done = 0;
  const measured: Readonly<Record<Role, Measured>>[] = [];
  for (const { workload, who, asked } of only.map((name) => loads[name])) {
    const at = {
      before: targets.before(who),
      after: targets.after(who),
      control: targets.control(who),
    };
    const samples: Record<Role, Sample[]> = { before: [], after: [], control: [] };
    for (let round = 0; round <= rounds; round += 1) {
      needs.progress(done, all, workload.name);
      await play(workload, needs.simulatorOrigin);
      const turn = { workload, asked: Math.min(asked, askedMax), settleMs, round };
      const taken = await together(at, turn);
      if (round > 0) for (const [role, sample] of taken) samples[role].push(sample);
      done += 1;
    }
    const told = (role: Role): Measured => ({
      target: at[role],
      workload,
      samples: samples[role],
      residentBeforeMib: null,
    });
    measured.push({ before: told('before'), after: told('after'), control: told('control') });
  }
  return measured;
}

type Turn = {
  readonly workload: Workload;
  readonly asked: number;
  readonly settleMs: number;
  readonly round: number;
};

function together(
  at: Readonly<Record<Role, Target>>,
  { workload, asked, settleMs, round }: Turn,
): Promise<readonly (readonly [Role, Sample])[]> {
  const first = round % roles.length;
  const order = [...roles.slice(first), ...roles.slice(0, first)];
  // In step, all must ask equally often: also where there are more clients than questions.
  const count = Math.max(asked, workload.clients);
  const steps = lockstep(order.length);
  return Promise.all(
    order.map(async (role, index) => {
      const lasting = {
        goesOn: (sent: number) => sent < count,
        settleMs,
        ...(steps[index] && { inStep: steps[index] }),
      };
      return [role, await sampleOf(at[role], workload, lasting)] as const;
    }),
  );
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseJson } from '@gateway/worker-utils/json';
import { z } from 'zod';
import { runWrangler } from '../../workerd/wrangler.ts';

const Profile = z.object({
  nodes: z.array(z.object({ id: z.number(), callFrame: z.object({ functionName: z.string() }) })),
  samples: z.array(z.number()),
  timeDeltas: z.array(z.number()),
});

const RUNS_MAX = 3;

/**
 * How long the evaluation of a bundle takes, of a few runs the shortest: what else the machine does makes each longer, and
 * none shorter. One that is clearly short enough is enough.
 * @param bundle as `wrangler deploy --outfile` writes it.
 */
export async function startUpMsOf(bundle: string, folder: string, enoughMs = 500): Promise<number> {
  const profile = join(folder, 'start-up.cpuprofile');
  let shortest = Infinity;
  for (let run = 0; run < RUNS_MAX && shortest > enoughMs; run += 1) {
    await runWrangler(['check', 'startup', '--worker', bundle, '--outfile', profile]);
    shortest = Math.min(shortest, activeMsIn(readFileSync(profile, 'utf8')));
  }
  return shortest;
}

/** All that is sampled but the waiting. */
export function activeMsIn(profile: string): number {
  const json = parseJson(profile);
  const { nodes, samples, timeDeltas } = Profile.parse(json.ok ? json.value : null);
  const idle = new Set(
    nodes.filter(({ callFrame }) => callFrame.functionName === '(idle)').map(({ id }) => id),
  );
  const active = timeDeltas.filter((_, index) => !idle.has(samples[index] ?? NaN));
  return active.reduce((sum, delta) => sum + delta, 0) / 1_000;
}

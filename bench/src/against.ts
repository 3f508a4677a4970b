import { join } from 'node:path';
import { againstReport } from './against-report.ts';
import { comparisonOf, type Role } from './comparison.ts';
import { type Gateway, startGateway } from './gateways.ts';
import { inFolder, type OwnPlace } from './in-folder.ts';
import { type InStep, measureInStep, type Targets } from './in-step.ts';
import { machine, watchOthers } from './machine.ts';
import { buildOther, type OtherBuild } from './other-build.ts';
import { PAYERS } from './payers.ts';
import type { Report } from './report.ts';
import type { Needs } from './rounds.ts';
import { type Server, startDatabase, startSimulator } from './servers.ts';
import { askers } from './targets.ts';

export type AgainstAsked = InStep & {
  readonly ref: string;
  readonly say: (line: string) => void;
  readonly progress: Needs['progress'];
};

/**
 * Another commit's workers and this tree's, under the same load at the same time, each in a workerd and on a Postgres of its
 * own: did a change make them cheaper? Both are run by this tree's launcher, on this tree's tables.
 */
export const against = (asked: AgainstAsked, signal: AbortSignal): Promise<Report> =>
  inFolder(signal, async (place) => {
    const before = machine();
    asked.say(`Bundling the workers of ${asked.ref} …`);
    const other = await buildOther(asked.ref, place);
    const { simulator, targets } = await startBuilds(other, asked, place);
    const [others, begun] = [watchOthers(), performance.now()];
    const needs = { simulatorOrigin: new URL(simulator.url).origin, progress: asked.progress };
    const comparisons = (await measureInStep(targets, asked, needs)).map(comparisonOf);
    const circumstances = {
      at: new Date().toISOString(),
      seconds: (performance.now() - begun) / 1000,
      machine: before,
      othersPercent: Math.round(others() * 100),
      isQuick: false,
    };
    const { commit, changed } = other;
    return againstReport(circumstances, { ref: asked.ref, commit, changed, comparisons });
  });

async function startBuilds(
  other: OtherBuild,
  { say }: AgainstAsked,
  place: OwnPlace,
): Promise<{ readonly simulator: Server; readonly targets: Targets }> {
  const simulator = await startSimulator(place.cleanUp);
  const start = async (role: Role): Promise<Targets[Role]> => {
    place.signal.throwIfAborted();
    say(`Starting the gateway (${role}) …`);
    const folder = join(place.folder, role);
    // A server of its own: CPU time of connections that have ended is counted by server, not by database.
    const { postgres, databaseOf } = await startDatabase(`${folder}-database`, place.cleanUp);
    const gateway = await startGateway(
      { folder, databaseUrl: await databaseOf(role), cleanUp: place.cleanUp },
      { upstream: simulator, instead: role === 'after' ? {} : other.workers, paying: PAYERS },
    );
    return targetOf(role, gateway, postgres.pid());
  };
  const targets = {
    before: await start('before'),
    after: await start('after'),
    control: await start('control'),
  };
  return { simulator, targets };
}

const targetOf =
  (name: Role, gateway: Gateway, postgres: number): Targets[Role] =>
  (who) => ({
    name,
    url: gateway.url,
    pids: { server: gateway.pid, postgres },
    asker: askers[who](gateway),
  });

import { type Backlog, measureBacklog } from './backlog.ts';
import { figuresOf } from './figures.ts';
import { growthExtents, measureGrowth } from './growth.ts';
import { inFolder } from './in-folder.ts';
import { machine, watchOthers } from './machine.ts';
import { PAYERS } from './payers.ts';
import { type Extent, type PlanName, planOf } from './plans.ts';
import { type Circumstances, costReport, growthReport, type Report } from './report.ts';
import { measure, type Needs } from './rounds.ts';
import { type Servers, startServers, type Wanted } from './servers.ts';
import { targetsOf } from './targets.ts';

export type Asked = {
  readonly what:
    | { readonly kind: 'cost'; readonly plan: PlanName; readonly extent: Extent }
    | { readonly kind: 'growth'; readonly extent: keyof typeof growthExtents };
  readonly say: (line: string) => void;
  readonly progress: Needs['progress'];
};

/** Starts everything, measures, and ends everything: also when the signal says so. */
export const run = (asked: Asked, signal: AbortSignal): Promise<Report> =>
  inFolder(signal, async (place) => {
    const before = machine();
    const servers = await startServers({ ...place, say: asked.say, ...wantedFor(asked) });
    const [others, begun] = [watchOthers(), performance.now()];
    const reportOf = await measured(servers, asked);
    return reportOf({
      at: new Date().toISOString(),
      seconds: (performance.now() - begun) / 1000,
      machine: before,
      othersPercent: Math.round(others() * 100),
      isQuick: asked.what.extent !== 'whole',
    });
  });

function wantedFor({ what }: Asked): Wanted {
  if (what.kind === 'growth') {
    return { beside: [], paying: growthExtents[what.extent].most };
  }
  const beside = [
    'withoutLedger',
    ...(what.plan === 'whole' ? (['portkey'] as const) : []),
  ] as const;
  return { beside, paying: PAYERS };
}

type ReportOf = (circumstances: Circumstances) => Report;

async function measured(servers: Servers, { what, say, progress }: Asked): Promise<ReportOf> {
  const targets = targetsOf(servers);
  const needs = { simulatorOrigin: new URL(servers.simulator.url).origin, progress };
  if (what.kind === 'cost') {
    const all = await measure(planOf(what.plan, what.extent, targets), needs);
    return (circumstances) => costReport(circumstances, all.map(figuresOf));
  }
  const extent = growthExtents[what.extent];
  const series = await measureGrowth(targets, extent, needs);
  const backlog: Backlog[] = [];
  for (const count of extent.backlogs) {
    say(`Taking Postgres away for ${count} answers …`);
    backlog.push(await measureBacklog(servers, targets.paid, count));
  }
  return (circumstances) => growthReport(circumstances, { series, backlog });
}

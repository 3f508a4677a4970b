import { restsOnSnapshot } from '../exchange/refusal.ts';
import type { Snapshots } from './stages/identify.ts';
import type { Pipeline } from './stage.ts';

type Needs = { readonly snapshots: Snapshots };

/**
 * Nobody is turned away by what was known a few seconds ago: what a snapshot refuses is decided once more, on a checked one.
 * For stages that count nothing and hold nothing, so that twice is harmless.
 */
export const rechecked = <In, Out, More extends Needs>({
  run,
}: Pick<Pipeline<In, Out, More>, 'run'>): Pick<Pipeline<In, Out, More>, 'run'> => ({
  async run(input, needs) {
    const decided = await run(input, needs);
    if (decided.ok || !restsOnSnapshot(decided.error)) return decided;
    return run(input, { ...needs, snapshots: checkedOnly(needs.snapshots) });
  },
});

const checkedOnly = (snapshots: Snapshots): Snapshots => ({
  of: (user, organization) => snapshots.of(user, organization, 'checked'),
});

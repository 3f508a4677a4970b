import type { Ending } from './exchange-result.ts';
import { isEnded, type UsageAccumulator } from './usage-accumulator.ts';

/** Decides on a successful answer that has ended: by itself, by a reset, by a limit or by the client. */
export function verdictOf(tally: UsageAccumulator, hasClientLeft: boolean): Ending {
  if (tally.isFailed) return 'failed';
  if (isEnded(tally)) return 'complete';
  return hasClientLeft ? 'client-left' : 'cut';
}

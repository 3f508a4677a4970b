import type { Ending } from './reading.ts';
import { isFinished, type Tally } from './tally.ts';

/** Decides on a successful answer that has ended: by itself, by a reset, by a limit or by the client. */
export function verdictOf(tally: Tally, hasClientLeft: boolean): Ending {
  if (tally.isFailed) return 'failed';
  if (isFinished(tally)) return 'complete';
  return hasClientLeft ? 'client-left' : 'cut';
}

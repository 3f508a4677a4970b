import { tryTargets, type Deps } from '../attempts/ask-in-turn.ts';
import type { OnGenerationId } from '../attempts/begin.ts';
import type { Attempted, Reserved } from '../exchange.ts';

/** Asks the upstreams. Never refuses and never throws: what went wrong is an outcome, and is settled like an answer. */
export async function attempt(
  exchange: Reserved,
  needs: Deps,
  named: OnGenerationId,
): Promise<Attempted> {
  return { ...exchange, outcome: await tryTargets({ ...exchange, onGenerationId: named }, needs) };
}

import { tryTargets, type Deps } from '../../upstream/attempts/try-targets.ts';
import type { OnGenerationId } from '../../upstream/attempts/start-attempt.ts';
import type { Attempted, Reserved } from '../../exchange/exchange.ts';

/** Asks the upstreams. Never refuses and never throws: what went wrong is an outcome, and is settled like an answer. */
export async function attempt(
  exchange: Reserved,
  needs: Deps,
  named: OnGenerationId,
): Promise<Attempted> {
  return { ...exchange, outcome: await tryTargets({ ...exchange, onGenerationId: named }, needs) };
}

import { askInTurn, type Needs } from '../attempts/ask-in-turn.ts';
import type { Named } from '../attempts/begin.ts';
import type { Attempted, Reserved } from '../exchange.ts';

/** Asks the upstreams. Never refuses and never throws: what went wrong is an outcome, and is settled like an answer. */
export async function attempt(exchange: Reserved, needs: Needs, named: Named): Promise<Attempted> {
  return { ...exchange, outcome: await askInTurn({ ...exchange, named }, needs) };
}

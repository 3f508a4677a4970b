import type { Named } from '../attempts/begin.ts';
import type { Attempted, Reserved } from '../exchange.ts';
import { isKeptWhole } from '../policy/request-log.ts';
import type { Reading } from '../relay/reading.ts';
import { relay, type Relayed } from '../relay/relay.ts';
import { attempt } from '../stages/attempt.ts';
import type { Traced } from './stage.ts';

export type Concluded = Relayed & { readonly exchange: Attempted };

type Needs = Parameters<typeof attempt>[1] & Parameters<typeof relay>[1] & Traced;

/** From a reservation there is one way on, and it ends in a reading: nothing reserved is left unsettled. */
export async function conclude(reserved: Reserved, needs: Needs, named: Named): Promise<Concluded> {
  const { trace } = needs;
  const exchange = await trace.span(attempt.name, () => attempt(reserved, needs, named));
  const isReplyKept = isKeptWhole(exchange.caller);
  const relaying = () => relay(exchange, needs, { isReplyKept, named });
  const relayed = await trace.span(relay.name, relaying, { until: readingOf });
  void relayed.reading.then((reading) => hear(exchange, reading, needs));
  return { exchange, ...relayed };
}

/** An answer that has begun well may still break off. Whoever was asked to go on with it has said so already. */
function hear(
  { model }: Attempted,
  { ending, outcome, status, tally }: Reading,
  { circuits, garbled }: Needs,
): void {
  if (outcome.kind !== 'answered' || status === null || status >= 400) return;
  if (outcome.rescue === null) return;
  const place = { target: outcome.target, model: model.resolved };
  if (ending === 'complete') circuits.hear(place, 'answered');
  // Whoever breaks off at it has left.
  if (tally.unreadableEvents > 0) garbled.hear(place);
  if (ending === 'failed' || ending === 'cut') circuits.hear(place, 'failed');
}

const readingOf = ({ reading }: Relayed): Promise<Reading> => reading;

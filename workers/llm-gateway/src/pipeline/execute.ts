import type { OnGenerationId } from '../upstream/attempts/start-attempt.ts';
import type { Attempted, Reserved } from '../exchange/exchange.ts';
import { isKeptWhole } from '../policy/request-log.ts';
import type { ExchangeResult } from '../response/exchange-result.ts';
import { relay, type Relayed } from '../response/relay.ts';
import { attempt } from './stages/attempt.ts';
import type { Traced } from './stage.ts';

export type Executed = Relayed & { readonly exchange: Attempted };

type Needs = Parameters<typeof attempt>[1] & Parameters<typeof relay>[1] & Traced;

/** From a reservation there is one way on, and it ends in a reading: nothing reserved is left unsettled. */
export async function execute(
  reserved: Reserved,
  needs: Needs,
  named: OnGenerationId,
): Promise<Executed> {
  const { trace } = needs;
  const exchange = await trace.span(attempt.name, () => attempt(reserved, needs, named));
  const isReplyKept = isKeptWhole(exchange.caller);
  const relaying = () => relay(exchange, needs, { keepsReply: isReplyKept, onGenerationId: named });
  const relayed = await trace.span(relay.name, relaying, { until: readingOf });
  void relayed.result.then((reading) => recordOutcome(exchange, reading, needs));
  return { exchange, ...relayed };
}

/** An answer that has begun well may still break off. Whoever was asked to go on with it has said so already. */
function recordOutcome(
  { model }: Attempted,
  { ending, outcome, status, accumulated }: ExchangeResult,
  { circuits, malformedEvents }: Needs,
): void {
  if (outcome.kind !== 'answered' || status === null || status >= 400) return;
  if (outcome.resume === null) return;
  const place = { target: outcome.target, model: model.resolved };
  if (ending === 'complete') circuits.recordOutcome(place, 'answered');
  // Whoever breaks off at it has left.
  if (accumulated.unreadableEvents > 0) malformedEvents.record(place);
  if (ending === 'failed' || ending === 'cut') circuits.recordOutcome(place, 'failed');
}

const readingOf = ({ result }: Relayed): Promise<ExchangeResult> => result;

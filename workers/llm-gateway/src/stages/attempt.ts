import type { Clock } from '@gateway/worker-utils/time';
import type { Attempted, Outcome, Reserved, UpstreamRequest } from '../exchange.ts';

export type Upstream = {
  readonly send: (request: UpstreamRequest, signal: AbortSignal) => Promise<Response>;
};
type Needs = { readonly upstream: Upstream; readonly clock: Clock };

/** From the call to the last byte. */
const EXCHANGE_MS_MAX = 600_000;

/** Asks the upstream. Never refuses and never throws: what went wrong is an outcome, and is settled like an answer. */
export async function attempt(exchange: Reserved, needs: Needs): Promise<Attempted> {
  return { ...exchange, outcome: await outcomeOf(exchange, needs) };
}

async function outcomeOf({ calls: [call], arrival }: Reserved, needs: Needs): Promise<Outcome> {
  const { target } = call;
  const upstream = new AbortController();
  const abort = () => upstream.abort();
  // A signal of our own: the request's, handed to fetch itself, aborts nothing once waitUntil holds the invocation.
  arrival.left.addEventListener('abort', abort, { once: true });
  if (arrival.left.aborted) abort();
  try {
    const signal = AbortSignal.any([upstream.signal, AbortSignal.timeout(EXCHANGE_MS_MAX)]);
    const response = await needs.upstream.send(await call.compose(), signal);
    const { status, headers, body } = response;
    const reply = { status, headers, body, at: needs.clock.now(), abort };
    return { kind: 'answered', target, reply };
  } catch (cause) {
    return arrival.left.aborted
      ? { kind: 'exhausted', target, ending: 'client-left', cause }
      : { kind: 'exhausted', target, ending: 'unreachable', cause };
  }
}

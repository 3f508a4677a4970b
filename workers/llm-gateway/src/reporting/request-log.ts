import type { OrganizationId } from '@gateway/worker-utils/ids';
import type { Attempted } from '../exchange/exchange.ts';
import { isKeptWhole } from '../policy/request-log.ts';
import type { ExchangeResult } from '../response/exchange-result.ts';
import { redacted, type Redacted } from './redacted.ts';

/** A row of the request log, in the words of its table. */
export type LoggedRequest = Redacted & {
  readonly kilo_user_id: string;
  readonly organization_id: OrganizationId | null;
  readonly status_code: number | null;
  readonly model: string;
  readonly provider: string;
};

/** Null where the exchange is nobody's business. The body is written again: holding it while an answer streams costs more. */
export function loggedRequestOf(
  exchange: Attempted,
  reading: ExchangeResult,
): (() => Promise<LoggedRequest | null>) | null {
  const { caller, calls, model, outcome } = exchange;
  if (caller.kind === 'anonymous' || !isKeptWhole(caller)) return null;
  const call = calls.find(({ target }) => target === outcome.target);
  return async () => {
    if (!call) return null;
    const sent = await call.compose(null);
    // What the SDK was asked, where it wrote the body itself: endpoint and key are not in it.
    const body = sent.kind === 'http' ? sent.body : JSON.stringify(sent.options);
    const { request, reply } = redacted(body, reading.replyText);
    return {
      kilo_user_id: caller.id,
      organization_id: caller.snapshot.organization?.id ?? null,
      status_code: reading.status,
      model: model.resolved,
      provider: outcome.target.provider,
      request,
      reply,
    };
  };
}

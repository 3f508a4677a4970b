import { isKeyRejected } from '../../upstream/attempts/retry-scope.ts';
import type { Attempted, Target } from '../../exchange/exchange.ts';
import type { Provider } from '../../catalog/providers/provider.ts';
import { providers } from '../../catalog/providers/registry.ts';
import type { ExchangeResult } from '../../response/exchange-result.ts';
import { isStreamed } from '../../request/chat-request.ts';
import { reportedCostOf } from '../../billing/cost.ts';
import type { Settlement } from '../../billing/settlement/settlement.ts';
import { isCostConsistent } from './cost-consistency.ts';
import type { Report } from './report.ts';

type Seen = {
  readonly exchange: Attempted;
  readonly reading: ExchangeResult;
  readonly settlement: Settlement;
};

/** More input that was not cached than any client should send at once. */
const UNCACHED_TOKENS_MAX = 100_000;

/** What is odd about an answer that we pay for. Each of these has once been money that went astray. */
export function suspicionsOf({ exchange, reading, settlement }: Seen): readonly Report[] {
  const { accumulated, ending, status } = reading;
  const { target } = exchange.outcome;
  const isAnswer = status !== null && status < 400;
  if (!isAnswer || target.kind !== 'platform') return [];
  const { tariff }: Provider = providers[target.provider];
  // A price by tariff is ours: nothing that its provider says could fit to it.
  const told = tariff === null ? accumulated.usage : null;
  const streamed = isStreamed(exchange.chat);
  const part = streamed ? 'sse_processing' : 'string_processing';
  const noticed: readonly (Suspicion | false)[] = [
    streamed && accumulated.unreadableEvents > 0 && alarm('SUSPICIOUS: No JSON in SSE event', part),
    streamed && accumulated.isFailed && alarm('OpenRouter error', part),
    accumulated.usage === null &&
      ending === 'complete' &&
      (streamed
        ? warning('SUSPICIOUS: No usage chunk in stream', 'usage_processing')
        : alarm('SUSPICIOUS: No usage information', part)),
    !streamed &&
      Boolean(told?.cost) &&
      told?.isByok === null &&
      alarm('SUSPICIOUS: is_byok is null', part),
    told !== null &&
      !isCostConsistent(told) &&
      alarm("SUSPICIOUS: openrouters cost accounting doesn't make sense", 'sse_processing'),
    reportedCostOf(accumulated.usage).kind === 'absurd' &&
      alarm('SUSPICIOUS: a cost that can not be', part),
    settlement.inputTokens - settlement.cacheHitTokens > UNCACHED_TOKENS_MAX && {
      ...warning('much input that was not cached', part),
      isTracked: false,
    },
  ];
  const facts = factsOf(settlement, reading);
  return noticed.flatMap((suspicion) =>
    suspicion === false ? [] : [{ ...suspicion, user: settlement.payer, facts }],
  );
}

type Suspicion = Omit<Report, 'user' | 'facts'>;
const alarm = (message: string, source: string): Suspicion => ({
  level: 'error',
  message,
  source,
  isTracked: true,
});
const warning = (message: string, source: string): Suspicion => ({
  ...alarm(message, source),
  level: 'warning',
});

/** An error that the client heard of; null where there was none. Ours are tracked, the client's are only logged. */
export function errorReportOf({ exchange, reading, settlement }: Seen): Report | null {
  const { status } = reading;
  if (status === null || status < 400) return null;
  const { outcome } = exchange;
  return {
    ...errorOf(outcome.target, status),
    user: settlement.payer,
    facts: {
      ...factsOf(settlement, reading),
      responseContentType: outcome.kind === 'answered' ? contentTypeOf(outcome.reply.headers) : '',
    },
  };
}

/** Errors that another answer has taken the place of: the client does not hear of them, but an operator does. Once each. */
export function failoverReportsOf({ exchange, reading, settlement }: Seen): readonly Report[] {
  const { target, failures } = exchange.outcome;
  const errors = new Map<string, Report>();
  for (const { target: failed, ending, reply } of failures) {
    if (!reply || reply.status < 400 || failed.provider === target.provider) continue;
    const { status } = reply;
    const told = { ...factsOf(settlement, reading), provider: failed.provider, status, ending };
    const responseContentType = contentTypeOf(reply.headers);
    const facts = { ...told, responseContentType };
    const report = { ...errorOf(failed, status), user: settlement.payer, facts };
    errors.set(report.message, report);
  }
  return [...errors.values()];
}

function errorOf({ provider, kind }: Target, status: number): Suspicion {
  const isOfAccount = kind === 'platform' && (status === 402 || isKeyRejected(status));
  const isTracked = isOfAccount || status >= 500;
  return {
    level: isTracked ? 'error' : 'warning',
    message: isOfAccount
      ? `${provider} returned ${status === 402 ? '402 Payment Required' : '401 Unauthorized'}`
      : `${provider} returned error ${status}`,
    source: 'openrouter-proxy',
    isTracked,
  };
}

/** Without its parameters, and only a type: the rest of a header is whatever a provider likes. */
const contentTypeOf = (headers: Headers): string =>
  /^[a-z]+\/[a-z.+-]+/.exec(headers.get('content-type') ?? '')?.[0] ?? '';

const factsOf = (settlement: Settlement, { status, ending }: ExchangeResult): Report['facts'] => ({
  exchange: settlement.id,
  kiloUserId: settlement.payer,
  organizationId: settlement.organization,
  provider: settlement.provider,
  model: settlement.requestedModel,
  status,
  ending,
});

import { type ApiMetricsInput, OTHER_MODEL } from '@gateway/worker-utils/api-metrics';
import type { Attempted } from '../exchange/exchange.ts';
import { modelLabel, withBases } from '../catalog/models/model-label.ts';
import type { ExchangeResult } from '../response/exchange-result.ts';
import type { Usage } from '../response/usage-accumulator.ts';
import {
  isRecord,
  isStreamed,
  type Message,
  messagesOf,
  toolsOf,
} from '../request/chat-request.ts';
import { servedModelOf } from '../billing/settlement/served-model.ts';

/** Tools and their names are the caller's: a request with 120 000 of them must not become a message of megabytes. */
const TOOLS_MAX = 128;
const TOOL_CHARACTERS_MAX = 128;

/** What stands in for the status of an upstream that gave none: it failed, or its client did not wait for it. */
const UNANSWERED_STATUS = 502;
const CLIENT_LEFT_STATUS = 499;

/** @param catalogue names of the upstream's models, to be told from those that callers make up. */
export type TellMetrics = (catalogue: ReadonlySet<string>) => ApiMetricsInput;

export const metricsOf =
  (exchange: Attempted, reading: ExchangeResult): TellMetrics =>
  (catalogue) => ({ ...factsOf(exchange, reading), ...namesOf(exchange, reading, catalogue) });

/** Only listed names are labels. The real one goes along for o11y, which knows the operator's objectives. */
function namesOf(
  exchange: Attempted,
  { accumulated }: ExchangeResult,
  catalogue: ReadonlySet<string>,
) {
  const { caller, model } = exchange;
  const answering = servedModelOf(exchange, accumulated.model);
  // A model id may start with a colon; metrics need a name.
  const served = answering.base || answering.resolved;
  const ofOrganization =
    caller.kind === 'user' ? caller.snapshot.customLlms.map(({ id }) => id) : [];
  const listed = [catalogue, withBases(ofOrganization)];
  const resolvedModel = modelLabel(served, listed);
  return {
    requestedModel: modelLabel(model.requested, listed),
    resolvedModel,
    ...(resolvedModel === OTHER_MODEL && { unlistedModel: served }),
  };
}

function factsOf(exchange: Attempted, reading: ExchangeResult) {
  const { arrival, caller, chat, outcome } = exchange;
  const organization = caller.kind === 'user' ? caller.snapshot.organization : null;
  const completeRequestMs = Math.max(0, reading.endedAt - arrival.at);
  return {
    kiloUserId: caller.id,
    ...(organization && { organizationId: organization.id }),
    isAnonymous: caller.kind === 'anonymous',
    isStreaming: isStreamed(chat),
    userByok: outcome.target.kind === 'byok',
    ...(arrival.hints.mode !== null && { mode: arrival.hints.mode }),
    provider: outcome.target.provider,
    inferenceProvider: reading.accumulated.inferenceProvider ?? '',
    toolsAvailable: toolsOf(chat).slice(0, TOOLS_MAX).map(toolLabel),
    toolsUsed: messagesOf(chat)
      .filter((message) => message['role'] === 'assistant')
      .flatMap(({ tool_calls: calls }) => (Array.isArray(calls) ? calls.filter(isRecord) : []))
      .slice(0, TOOLS_MAX)
      .map(toolLabel),
    ttfbMs:
      reading.startedAt === null ? completeRequestMs : Math.max(0, reading.startedAt - arrival.at),
    completeRequestMs,
    statusCode: reading.status ?? unansweredStatus(reading),
    ...(reading.accumulated.usage && { tokens: tokensOf(reading.accumulated.usage) }),
    ending: reading.ending,
    attempts: outcome.failures.length + 1,
  };
}

const unansweredStatus = ({ ending }: ExchangeResult): number =>
  ending === 'client-left' ? CLIENT_LEFT_STATUS : UNANSWERED_STATUS;

const tokensOf = ({ inputTokens, outputTokens, cacheHitTokens }: Usage) => ({
  inputTokens,
  outputTokens,
  cacheHitTokens,
  totalTokens: inputTokens + outputTokens,
});

function toolLabel(tool: Message): string {
  const { type } = tool;
  if (type !== 'function' && type !== 'custom') return 'unknown:unknown';
  const definition = tool[type];
  const name = isRecord(definition) ? definition['name'] : undefined;
  return `${type}:${(typeof name === 'string' && name.trim()) || 'unknown'}`.slice(
    0,
    TOOL_CHARACTERS_MAX,
  );
}

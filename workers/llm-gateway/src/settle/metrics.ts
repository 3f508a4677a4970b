import type { ApiMetricsInput } from '@gateway/worker-utils/api-metrics';
import type { Attempted } from '../exchange.ts';
import type { Reading } from '../relay/reading.ts';
import type { Usage } from '../relay/tally.ts';
import {
  isRecord,
  isStreamed,
  type Message,
  messagesOf,
  toolsOf,
} from '../request/chat-request.ts';

/** What stands in for the status of an upstream that gave none: it failed, or its client did not wait for it. */
const UNANSWERED_STATUS = 502;
const CLIENT_LEFT_STATUS = 499;

export function metricsOf(exchange: Attempted, reading: Reading): ApiMetricsInput {
  const { arrival, caller, chat, model, outcome } = exchange;
  const organization = caller.kind === 'user' ? caller.snapshot.organization : null;
  const completeRequestMs = Math.max(0, reading.endedAt - arrival.at);
  return {
    kiloUserId: caller.id,
    ...(organization && { organizationId: organization.id }),
    isAnonymous: caller.kind === 'anonymous',
    isStreaming: isStreamed(chat),
    userByok: outcome.target.kind === 'own-keys',
    ...(arrival.hints.mode !== null && { mode: arrival.hints.mode }),
    provider: outcome.target.provider,
    inferenceProvider: reading.tally.inferenceProvider ?? '',
    requestedModel: model.requested,
    // A model id may start with a colon; metrics need a name.
    resolvedModel: model.base || model.resolved,
    toolsAvailable: toolsOf(chat).map(toolLabel),
    toolsUsed: messagesOf(chat)
      .filter((message) => message['role'] === 'assistant')
      .flatMap(({ tool_calls: calls }) => (Array.isArray(calls) ? calls.filter(isRecord) : []))
      .map(toolLabel),
    ttfbMs:
      reading.begunAt === null ? completeRequestMs : Math.max(0, reading.begunAt - arrival.at),
    completeRequestMs,
    statusCode: reading.status ?? unansweredStatus(reading),
    ...(reading.tally.usage && { tokens: tokensOf(reading.tally.usage) }),
    ending: reading.ending,
    attempts: outcome.failures.length + 1,
  };
}

const unansweredStatus = ({ ending }: Reading): number =>
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
  return `${type}:${(typeof name === 'string' && name.trim()) || 'unknown'}`;
}

import { tokensOf } from './answer.ts';
import { messageOf as chatMessageOf } from './deltas.ts';
import type { Exchange } from './exchange.ts';
import { messageOf } from './messages-script.ts';
import { responseOf } from './responses-script.ts';
import { gatewayMetadata } from './sse-script.ts';
import { bytesStep, type Step } from './step.ts';
import { expectedUsage, wireUsage } from './usage.ts';
import { headersOf, jsonText, PROVIDER } from './wire.ts';

/** By these lines OpenRouter keeps the connection alive while it waits for an answer that is not streamed. */
const PADDING = '\n         \n';

/** A whole answer in one piece of JSON. Its tokens are generated first, out of sight: whoever leaves then pays for them. */
export function* jsonScript(exchange: Exchange): Generator<Step> {
  const { answer, scenario } = exchange;
  const { settings } = scenario;
  const tokens = tokensOf(answer, scenario);
  if (settings.headers > 0) yield { kind: 'wait', ms: settings.headers };
  yield { kind: 'head', status: 200, headers: headersOf('application/json', exchange) };
  if (settings.processing > 0) yield bytesStep(PADDING.repeat(settings.processing));
  if (settings.first > 0) yield { kind: 'wait', ms: settings.first };
  const pause = PADDING.repeat(settings.comments);
  if (settings.delay === 0) yield bytesStep(pause.repeat(tokens), tokens);
  else {
    for (let count = 0; count < tokens; count += 1) {
      yield bytesStep(pause, 1);
      yield { kind: 'wait', ms: settings.delay };
    }
  }
  yield bytesStep(jsonText(completionOf(exchange), settings));
  yield { kind: 'end', how: 'clean', as: 'complete' };
}

/** After how many bytes so many tokens' share of the JSON has been sent. */
export function byteAfter(exchange: Exchange, after: number): number {
  const { answer, scenario } = exchange;
  const { settings } = scenario;
  const tokens = tokensOf(answer, scenario);
  const padding = PADDING.length * (settings.processing + settings.comments * tokens);
  const body = Buffer.byteLength(jsonText(completionOf(exchange), settings));
  return padding + Math.floor((body * Math.min(after, tokens)) / Math.max(1, tokens));
}

const completionOf = (exchange: Exchange): object => {
  switch (exchange.protocol) {
    case 'chat':
      return chatCompletionOf(exchange);
    case 'messages':
      return messageOf(exchange);
    case 'responses':
      return responseOf(exchange);
  }
};

function chatCompletionOf({ request, answer, scenario, identity }: Exchange): object {
  const { settings } = scenario;
  const usage = expectedUsage(request, tokensOf(answer, scenario), scenario);
  const message = { ...chatMessageOf(answer, settings), ...(settings.metadata && gatewayMetadata) };
  return {
    id: identity.generationId,
    ...(!settings.metadata && { provider: PROVIDER }),
    model: request.model,
    object: 'chat.completion',
    created: identity.created,
    system_fingerprint: null,
    ...(settings['blank-error'] && { error: '' }),
    choices: Array.from({ length: settings.choices }, (_, index) => ({
      logprobs: null,
      ...(settings.finish && {
        finish_reason: answer.finish,
        native_finish_reason: answer.finish,
      }),
      index,
      message,
    })),
    // It is there without being asked for: only a stream's usage must be.
    ...(settings.usage !== 'no' && {
      usage: settings.usage === 'null' ? null : wireUsage(usage, scenario),
    }),
  };
}

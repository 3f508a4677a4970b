import { tokensOf } from './answer.ts';
import { deltasOf } from './deltas.ts';
import type { Exchange } from './exchange.ts';
import { wantsUsage } from './request.ts';
import { bytesStep, type Step } from './step.ts';
import { expectedUsage, wireUsage } from './usage.ts';
import { type EventWriter, eventWriter, headersOf, PROVIDER } from './wire.ts';

/** A whole streamed answer, as OpenRouter streams it: comments while it thinks, deltas, an end, the usage, `[DONE]`. */
export function* sseScript(exchange: Exchange): Generator<Step> {
  const { settings } = exchange.scenario;
  const writer = eventWriter(settings);
  if (settings.headers > 0) yield { kind: 'wait', ms: settings.headers };
  yield { kind: 'head', status: 200, headers: headersOf('text/event-stream', exchange) };
  const opening = (settings.bom ? '\u{feff}' : '') + writer.comment.repeat(settings.processing);
  if (opening !== '') yield bytesStep(opening);
  if (settings.first > 0) yield { kind: 'wait', ms: settings.first };
  yield* spoken(exchange, writer);
  const closing = closingEvents(exchange, writer);
  for (const [index, text] of closing.entries()) {
    const isLast = index === closing.length - 1;
    yield bytesStep(isLast && settings.unterminated ? text.trimEnd() : text);
  }
  yield { kind: 'end', how: 'clean', as: 'complete' };
}

function* spoken(exchange: Exchange, writer: EventWriter): Generator<Step> {
  const { settings } = exchange.scenario;
  const pause = writer.comment.repeat(settings.comments);
  let isFirst = true;
  for (const { fields, tokens } of deltasOf(exchange.answer, settings)) {
    for (const index of choiceIndexes(exchange)) {
      if (settings.delay > 0 && !isFirst) yield { kind: 'wait', ms: settings.delay };
      isFirst = false;
      const choice = choiceOf(index, fields, null);
      yield bytesStep(writer.json(chunkOf(exchange, { choices: [choice] })) + pause, tokens);
    }
  }
}

/** What follows the last delta, an event each. */
function closingEvents(exchange: Exchange, writer: EventWriter): readonly string[] {
  const { answer, scenario } = exchange;
  const { settings } = scenario;
  const usage = usageField(exchange, tokensOf(answer, scenario));
  const events: string[] = [];
  if (settings.finish) {
    for (const index of choiceIndexes(exchange)) {
      const isLast = index === settings.choices - 1;
      const delta = settings.metadata ? { content: '', ...gatewayMetadata } : { content: '' };
      events.push(
        writer.json(
          chunkOf(exchange, {
            choices: [choiceOf(index, delta, answer.finish)],
            ...(isLast && settings['usage-in'] === 'finish' && usage),
          }),
        ),
      );
    }
  }
  if (usage && settings['usage-in'] !== 'finish') {
    const choices = settings['usage-in'] === 'empty' ? [] : [choiceOf(0, { content: '' }, null)];
    events.push(writer.json(chunkOf(exchange, { choices, ...usage })));
  }
  if (settings.done) events.push(writer.event('[DONE]'));
  return events;
}

function usageField(exchange: Exchange, tokens: number): { readonly usage: object | null } | null {
  const { request, scenario } = exchange;
  switch (scenario.settings.usage) {
    case 'no':
      return null;
    case 'null':
      return { usage: null };
    case 'asked':
      if (!wantsUsage(request)) return null;
      break;
    case 'always':
  }
  return { usage: wireUsage(expectedUsage(request, tokens, scenario), scenario) };
}

const choiceIndexes = ({ scenario }: Exchange): readonly number[] =>
  Array.from({ length: scenario.settings.choices }, (_, index) => index);

const choiceOf = (index: number, delta: object, finish: string | null) => ({
  index,
  delta: { role: 'assistant', ...delta },
  finish_reason: finish,
  native_finish_reason: finish,
  logprobs: null,
});

/** One event's data. A gateway in front of gateways says in its metadata who answered, and names no `provider`. */
export const chunkOf = ({ request, scenario, identity }: Exchange, fields: object): object => ({
  id: identity.generationId,
  ...(!scenario.settings.metadata && { provider: PROVIDER }),
  model: request.model,
  object: 'chat.completion.chunk',
  created: identity.created,
  ...(scenario.settings['blank-error'] && { error: '' }),
  ...fields,
});

/** As Vercel's AI Gateway tells who answered. */
export const gatewayMetadata = {
  provider_metadata: {
    gateway: {
      routing: {
        originalModelId: 'simulated/model',
        resolvedProvider: 'simulated',
        finalProvider: 'simulated',
        attempts: [{ provider: 'simulated', success: true }],
      },
      generationId: 'simulated',
    },
  },
};

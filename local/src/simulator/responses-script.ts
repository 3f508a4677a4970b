import { tokensOf } from './answer.ts';
import { encryptedTextOf } from './deltas.ts';
import { eventScript, type NamedEvent } from './event-script.ts';
import type { Exchange } from './exchange.ts';
import type { Script } from './step.ts';
import { expectedUsage } from './usage.ts';

// OpenAI's responses: an answer is a row of items.

/** An item, as it is when it begins and when it is done, and the events between. */
type Item = {
  readonly id: string;
  readonly added: object;
  readonly done: object;
  readonly events: readonly NamedEvent[];
};

export function responsesScript(exchange: Exchange): Script {
  const begun = { ...envelopeOf(exchange), status: 'in_progress', output: [] };
  const whole = responseOf(exchange);
  const spoken = itemsOf(exchange).flatMap(
    ({ id, added, done, events }, output_index): readonly NamedEvent[] => [
      { type: 'response.output_item.added', output_index, item: added },
      ...events.map((event) => ({ ...event, item_id: id, output_index })),
      { type: 'response.output_item.done', output_index, item: done },
    ],
  );
  const end = exchange.answer.finish === 'length' ? 'response.incomplete' : 'response.completed';
  return eventScript(exchange, {
    opening: [
      { type: 'response.created', response: begun },
      { type: 'response.in_progress', response: begun },
    ],
    spoken,
    closing: [{ type: end, response: whole }],
  });
}

export const responseOf = (exchange: Exchange): object => ({
  ...envelopeOf(exchange),
  status: exchange.answer.finish === 'length' ? 'incomplete' : 'completed',
  incomplete_details: exchange.answer.finish === 'length' ? { reason: 'max_output_tokens' } : null,
  output: itemsOf(exchange).map(({ done }) => done),
  usage: usageOf(exchange),
});

const envelopeOf = ({ request, identity }: Exchange) => ({
  id: `resp_${identity.generationId}`,
  object: 'response',
  created_at: identity.created,
  model: request.model,
});

function usageOf({ request, answer, scenario }: Exchange) {
  const usage = expectedUsage(request, tokensOf(answer, scenario), scenario);
  return {
    input_tokens: usage.prompt_tokens,
    input_tokens_details: { cached_tokens: usage.prompt_tokens_details.cached_tokens },
    output_tokens: usage.completion_tokens,
    output_tokens_details: usage.completion_tokens_details,
    total_tokens: usage.total_tokens,
  };
}

function itemsOf({ request, answer, scenario, identity }: Exchange): readonly Item[] {
  const { reasoning, content, calls } = answer;
  const id = (kind: string): string => `${kind}_${identity.generationId}`;
  const isBare = scenario.settings['reasoning-as'] === 'encrypted';
  return [
    ...(reasoning.length === 0 ? [] : [reasoningItem(id('rs'), reasoning, isBare)]),
    ...(content.length === 0
      ? []
      : [messageItem(id('msg'), content, request.top_logprobs ?? null)]),
    ...calls.map((call): Item => {
      const item = {
        type: 'function_call',
        id: `fc_${call.id}`,
        call_id: call.id,
        name: call.name,
      };
      return {
        id: item.id,
        added: { ...item, arguments: '', status: 'in_progress' },
        done: { ...item, arguments: call.pieces.join(''), status: 'completed' },
        events: ['', ...call.pieces].map((delta) => ({
          type: 'response.function_call_arguments.delta',
          delta,
          tokens: 1,
        })),
      };
    }),
  ];
}

/** What is encrypted is complete only when the item is done. */
function reasoningItem(id: string, words: readonly string[], isBare: boolean): Item {
  const item = { type: 'reasoning', id };
  const encrypted_content = encryptedTextOf(words);
  const part = { summary_index: 0, part: { type: 'summary_text', text: '' } };
  const summarised: readonly NamedEvent[] = [
    { type: 'response.reasoning_summary_part.added', ...part },
    ...words.map((delta) => ({
      type: 'response.reasoning_summary_text.delta',
      summary_index: 0,
      delta,
      tokens: 1,
    })),
    { type: 'response.reasoning_summary_part.done', ...part },
  ];
  const summary = isBare ? [] : [{ type: 'summary_text', text: words.join('') }];
  return {
    id,
    added: { ...item, summary: [] },
    done: { ...item, summary, encrypted_content },
    events: isBare ? [] : summarised,
  };
}

/** The first alternative is the token itself. */
const probabilityOf = (token: string, alternatives: number) => ({
  token,
  logprob: -0.5,
  top_logprobs: Array.from({ length: alternatives }, (_, index) => ({
    token: index === 0 ? token : `other ${index}`,
    logprob: -0.5 - index,
  })),
});

function messageItem(id: string, words: readonly string[], alternatives: number | null): Item {
  const told = (said: readonly string[]) =>
    alternatives === null
      ? {}
      : { logprobs: said.map((word) => probabilityOf(word, alternatives)) };
  const item = { type: 'message', id, role: 'assistant', phase: 'final_answer' };
  const part = { type: 'output_text', text: words.join(''), annotations: [], ...told(words) };
  return {
    id,
    added: { ...item, content: [] },
    done: { ...item, content: [part] },
    events: words.map((delta) => ({
      type: 'response.output_text.delta',
      content_index: 0,
      delta,
      tokens: 1,
      ...told([delta]),
    })),
  };
}

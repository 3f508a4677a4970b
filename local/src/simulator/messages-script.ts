import { parseJson } from '@gateway/worker-utils/json';
import { tokensOf } from './answer.ts';
import { encryptedTextOf, SIGNATURE } from './deltas.ts';
import { eventScript, type NamedEvent } from './event-script.ts';
import type { Exchange } from './exchange.ts';
import type { Script } from './step.ts';
import { expectedUsage } from './usage.ts';

// Anthropic's messages: an answer is a row of blocks.

/** A block, whole, and the deltas in which it is streamed. */
type Block = {
  readonly whole: object;
  readonly start: object;
  readonly deltas: readonly { readonly delta: object; readonly tokens: number }[];
};

export function messagesScript(exchange: Exchange): Script {
  const { input_tokens, cache_read_input_tokens, output_tokens } = usageOf(exchange);
  const spoken = blocksOf(exchange).flatMap(({ start, deltas }, index): readonly NamedEvent[] => [
    { type: 'content_block_start', index, content_block: start },
    ...deltas.map(({ delta, tokens }) => ({ type: 'content_block_delta', index, delta, tokens })),
    { type: 'content_block_stop', index },
  ]);
  return eventScript(exchange, {
    opening: [
      {
        type: 'message_start',
        message: {
          ...envelopeOf(exchange),
          content: [],
          stop_reason: null,
          usage: { input_tokens, cache_read_input_tokens, output_tokens: 1 },
        },
      },
      { type: 'ping' },
    ],
    spoken,
    closing: [
      {
        type: 'message_delta',
        delta: { stop_reason: stopReasonOf(exchange), stop_sequence: null },
        usage: { output_tokens },
      },
      { type: 'message_stop' },
    ],
  });
}

export const messageOf = (exchange: Exchange): object => ({
  ...envelopeOf(exchange),
  content: blocksOf(exchange).map(({ whole }) => whole),
  stop_reason: stopReasonOf(exchange),
  stop_sequence: null,
  usage: usageOf(exchange),
});

const envelopeOf = ({ request, identity }: Exchange) => ({
  id: `msg_${identity.generationId}`,
  type: 'message',
  role: 'assistant',
  model: request.model,
});

function usageOf({ request, answer, scenario }: Exchange) {
  const usage = expectedUsage(request, tokensOf(answer, scenario), scenario);
  const cached = usage.prompt_tokens_details.cached_tokens;
  return {
    input_tokens: usage.prompt_tokens - cached,
    cache_read_input_tokens: cached,
    output_tokens: usage.completion_tokens,
  };
}

function stopReasonOf({ answer }: Exchange): string {
  switch (answer.finish) {
    case 'stop':
      return 'end_turn';
    case 'length':
      return 'max_tokens';
    case 'tool_calls':
      return 'tool_use';
  }
}

function blocksOf({ answer, scenario }: Exchange): readonly Block[] {
  const { reasoning, content, calls } = answer;
  const isRedacted = scenario.settings['reasoning-as'] === 'encrypted';
  return [
    ...(reasoning.length === 0 ? [] : [isRedacted ? redacted(reasoning) : thinking(reasoning)]),
    ...(content.length === 0 ? [] : [text(content)]),
    ...calls.map(({ id, name, pieces }): Block => ({
      whole: { type: 'tool_use', id, name, input: jsonIn(pieces.join('')) },
      start: { type: 'tool_use', id, name, input: {} },
      deltas: ['', ...pieces].map((partial_json) => ({
        delta: { type: 'input_json_delta', partial_json },
        tokens: 1,
      })),
    })),
  ];
}

/** What is no JSON can only be streamed. */
function jsonIn(text: string): unknown {
  const parsed = parseJson(text);
  return parsed.ok ? parsed.value : text;
}

const text = (words: readonly string[]): Block => ({
  whole: { type: 'text', text: words.join('') },
  start: { type: 'text', text: '' },
  deltas: words.map((word) => ({ delta: { type: 'text_delta', text: word }, tokens: 1 })),
});

const thinking = (words: readonly string[]): Block => ({
  whole: { type: 'thinking', thinking: words.join(''), signature: SIGNATURE },
  start: { type: 'thinking', thinking: '', signature: '' },
  deltas: [
    ...words.map((word) => ({ delta: { type: 'thinking_delta', thinking: word }, tokens: 1 })),
    { delta: { type: 'signature_delta', signature: SIGNATURE }, tokens: 0 },
  ],
});

const redacted = (words: readonly string[]): Block => {
  const block = { type: 'redacted_thinking', data: encryptedTextOf(words) };
  return { whole: block, start: block, deltas: [] };
};

import { createHash } from 'node:crypto';
import type { Answer, ToolCall } from './answer.ts';
import type { Settings } from './settings.ts';

/** One piece of a streamed answer, and how many tokens it is. */
export type Delta = { readonly fields: object; readonly tokens: number };

export const SIGNATURE = 'c2lnbmF0dXJlIG9mIGEgc2ltdWxhdGVkIG1vZGVs';

export function* deltasOf(answer: Answer, settings: Settings): Generator<Delta> {
  if (answer.reasoning.length > 0) yield* reasoningDeltas(answer.reasoning, settings);
  for (const content of answer.content) yield { fields: { content }, tokens: 1 };
  for (const [index, call] of answer.calls.entries()) yield* callDeltas(call, index);
}

function* callDeltas({ id, name, pieces }: ToolCall, index: number): Generator<Delta> {
  const part = (fields: object): Delta => ({
    fields: { content: null, tool_calls: [{ index, ...fields }] },
    tokens: 1,
  });
  yield part({ id, type: 'function', function: { name, arguments: '' } });
  for (const piece of pieces) yield part({ function: { arguments: piece } });
}

function* reasoningDeltas(words: readonly string[], settings: Settings): Generator<Delta> {
  const as = settings['reasoning-as'];
  const content = '';
  switch (as) {
    case 'content':
      for (const word of words) {
        yield { fields: { content, reasoning_content: word }, tokens: 1 };
      }
      return;
    case 'summary':
    case 'details': {
      for (const word of words) {
        const detail = as === 'details' ? textDetail(word) : summaryDetail(word);
        yield { fields: { content, reasoning: word, reasoning_details: [detail] }, tokens: 1 };
      }
      if (as === 'details') {
        const signed = { ...textDetail(''), signature: SIGNATURE };
        yield { fields: { content, reasoning: '', reasoning_details: [signed] }, tokens: 0 };
      }
      return;
    }
    case 'encrypted':
      yield {
        fields: { content, reasoning: null, reasoning_details: [encryptedDetail(words)] },
        tokens: words.length,
      };
  }
}

const textDetail = (text: string) => ({
  type: 'reasoning.text',
  text,
  format: 'anthropic-claude-v1',
  index: 0,
});

const summaryDetail = (summary: string) => ({
  type: 'reasoning.summary',
  summary,
  format: 'openai-responses-v1',
  index: 0,
});

/** As secret as it needs to be here. */
export const encryptedTextOf = (words: readonly string[]): string =>
  Buffer.from(words.join('')).toString('base64');

/** Each has an id of its own: there are clients that send one back only once. */
function encryptedDetail(words: readonly string[]) {
  const data = encryptedTextOf(words);
  const id = `rs_${createHash('sha256').update(data).digest('hex').slice(0, 24)}`;
  return { type: 'reasoning.encrypted', data, id, format: 'openai-responses-v1', index: 0 };
}

/** The message of an answer that is not streamed. */
export function messageOf(answer: Answer, settings: Settings): object {
  const isCall = answer.calls.length > 0;
  return {
    role: 'assistant',
    content: isCall ? null : answer.content.join(''),
    refusal: null,
    ...(answer.reasoning.length > 0 && reasoningOf(answer.reasoning, settings)),
    ...(isCall && {
      tool_calls: answer.calls.map(({ id, name, pieces }, index) => ({
        index,
        id,
        type: 'function',
        function: { name, arguments: pieces.join('') },
      })),
    }),
  };
}

function reasoningOf(words: readonly string[], settings: Settings): object {
  const text = words.join('');
  switch (settings['reasoning-as']) {
    case 'content':
      return { reasoning_content: text };
    case 'details':
      return {
        reasoning: text,
        reasoning_details: [{ ...textDetail(text), signature: SIGNATURE }],
      };
    case 'summary':
      return { reasoning: text, reasoning_details: [summaryDetail(text)] };
    case 'encrypted':
      return { reasoning: null, reasoning_details: [encryptedDetail(words)] };
  }
}

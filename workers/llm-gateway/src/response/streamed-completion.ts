import { joinBytes } from '@gateway/worker-utils/bytes';
import { parseJson } from '@gateway/worker-utils/json';
import { isRecord } from '../request/chat-request.ts';
import type { Fields } from './rewrite/public-view.ts';
import { failureIn, isAnswer } from './failure-in.ts';
import type { Gathering } from './gathered.ts';
import { withoutNulls } from './merged-message.ts';
import { COMMENT, DONE_MARKER } from './event-rewriter.ts';

/** A whole answer in JSON, as the events that its client has asked for. @param begun what has come of it */
export function streamedCompletion(begun: readonly Uint8Array[]): Gathering {
  const pieces = [...begun];
  let held = pieces.reduce((sum, { byteLength }) => sum + byteLength, 0);
  return {
    alive: COMMENT,
    feed(bytes) {
      pieces.push(bytes);
      held += bytes.byteLength;
      return held;
    },
    end() {
      const json = parseJson(new TextDecoder().decode(joinBytes(pieces)));
      if (!json.ok || !isRecord(json.value)) throw new Error('The answer is not whole.');
      const chunks = chunksOf(json.value).map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`);
      return `${chunks.join('')}data: ${DONE_MARKER}\n\n`;
    },
  };
}

function chunksOf(answer: Fields): readonly Fields[] {
  const { choices, usage, ...rest } = answer;
  // OpenRouter's client takes a null in an answer for what it is, and in a chunk for an error.
  const base = { ...withoutNulls(rest), object: 'chat.completion.chunk' };
  if (failureIn(answer) !== null) return [answer];
  if (!isAnswer(answer) || !Array.isArray(choices)) throw new Error('This is no answer.');
  const said = choices.filter(isRecord).flatMap(choiceChunks);
  return [
    ...said.map((choice) => ({ ...base, choices: [choice] })),
    ...(isRecord(usage) ? [{ ...base, choices: [], usage }] : []),
  ];
}

/** What was thought, said and called comes in this order, as in a stream: clients begin a part with each. */
const THOUGHT = new Set(['reasoning', 'reasoning_content', 'reasoning_details']);
const CALLED = new Set(['tool_calls', 'function_call']);

function choiceChunks(choice: Fields, place: number): readonly Fields[] {
  const {
    index = place,
    message,
    delta,
    text,
    finish_reason,
    native_finish_reason,
    ...rest
  } = choice;
  const said = isRecord(message) ? message : isRecord(delta) ? delta : { content: text };
  const { role = 'assistant', ...fields } = said;
  const parts = [
    fieldsOf(fields, (name) => THOUGHT.has(name)),
    fieldsOf(fields, (name) => !THOUGHT.has(name) && !CALLED.has(name)),
    withIndexes(fieldsOf(fields, (name) => CALLED.has(name))),
  ].filter((part) => Object.keys(part).length > 0);
  const first = parts[0] ?? { content: '' };
  return [
    { ...rest, index, delta: { role, ...first }, finish_reason: null },
    ...parts.slice(1).map((part) => ({ index, delta: part, finish_reason: null })),
    {
      index,
      delta: { content: '' },
      finish_reason: finish_reason ?? null,
      ...(native_finish_reason !== undefined && { native_finish_reason }),
    },
  ];
}

/** A delta says only what is new. */
const fieldsOf = (fields: Fields, isWanted: (name: string) => boolean): Fields =>
  Object.fromEntries(Object.entries(withoutNulls(fields)).filter(([name]) => isWanted(name)));

/** By its index a client knows which call a piece belongs to. */
function withIndexes(part: Fields): Fields {
  const { tool_calls: calls } = part;
  if (!Array.isArray(calls)) return part;
  return {
    ...part,
    tool_calls: calls.filter(isRecord).map((call, index) => ({ ...call, index })),
  };
}

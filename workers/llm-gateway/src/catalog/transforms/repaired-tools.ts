import type { ChatRequest, Message } from '../../request/chat-request.ts';
import { isFrom, listIn, withMessageList } from './messages.ts';
import { idIn, isNamelessCall, resultId, withToolPairs } from './tool-pairs.ts';

/**
 * Every tool call has one result, in the turn that made it, and every result a call: most upstreams refuse a conversation
 * that was interrupted in between.
 */
export const withToolsRepaired = (chat: ChatRequest): ChatRequest =>
  withMessageList(chat, (messages) =>
    isSound(messages) ? messages : turnsOf(messages).map(withToolPairs).flatMap(repaired),
  );

/** Looked at once, without a copy: nearly all conversations are, and agents send long ones with each request. */
function isSound(messages: readonly unknown[]): boolean {
  let unanswered = new Set<string>();
  for (const message of messages) {
    if (isFrom(message, 'tool')) {
      const id = resultId(message);
      if (id === null || !unanswered.delete(id)) return false;
    } else if (isFrom(message, 'assistant')) {
      if (unanswered.size > 0) return false;
      const calls = listIn(message['tool_calls']) ?? [];
      if (calls.some(isNamelessCall)) return false;
      const ids = idsIn(calls);
      unanswered = new Set(ids);
      if (unanswered.size < ids.length) return false;
    }
  }
  return unanswered.size === 0;
}

/** One assistant message with all that follows it; the first turn is what comes before any. */
function turnsOf(messages: readonly unknown[]): readonly (readonly unknown[])[] {
  const turns: unknown[][] = [[]];
  for (const message of messages) {
    if (isFrom(message, 'assistant')) turns.push([message]);
    else turns.at(-1)?.push(message);
  }
  return turns;
}

function repaired(turn: readonly unknown[]): readonly unknown[] {
  const [first, ...rest] = turn;
  if (!isFrom(first, 'assistant')) return withResultsOf(turn, new Set());
  const calls = listIn(first['tool_calls']);
  if (!calls) return [first, ...withResultsOf(rest, new Set())];

  const once = withoutRepeats(calls);
  const expected = new Set(idsIn(once));
  const answered = new Set(rest.flatMap((message) => resultId(message) ?? []));
  const missing = [...expected].filter((id) => !answered.has(id)).map(interruptedResult);
  const assistant = once.length === calls.length ? first : { ...first, tool_calls: once };
  // Right behind the calls: behind the results they could come after a user's message.
  return [assistant, ...missing, ...withResultsOf(rest, expected)];
}

/** The first call of each id. A call without an id is for the upstream to judge. */
function withoutRepeats(calls: readonly unknown[]): readonly unknown[] {
  const seen = new Set<string>();
  return calls.filter((call) => isNew(idIn(call, 'id'), seen));
}

/** All other messages, and of the results the first for each of these calls. */
function withResultsOf(
  messages: readonly unknown[],
  expected: ReadonlySet<string>,
): readonly unknown[] {
  const seen = new Set<string>();
  return messages.filter((message) => {
    if (!isFrom(message, 'tool')) return true;
    const id = resultId(message);
    return id !== null && expected.has(id) && isNew(id, seen);
  });
}

function isNew(id: string | null, seen: Set<string>): boolean {
  if (id === null) return true;
  if (seen.has(id)) return false;
  seen.add(id);
  return true;
}

const idsIn = (calls: readonly unknown[]): readonly string[] =>
  calls.flatMap((call) => idIn(call, 'id') ?? []);

const interruptedResult = (id: string): Message => ({
  role: 'tool',
  tool_call_id: id,
  content: 'Tool execution was interrupted before completion.',
});

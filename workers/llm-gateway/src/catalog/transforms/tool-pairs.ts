import { isRecord } from '../../request/chat-request.ts';
import { isFrom, listIn } from './messages.ts';

/** An assistant message with all that follows it, up to the next one. */
type Turn = readonly unknown[];
type Call = {
  /** Null: the client sent no id that could name a call. */
  readonly sentId: string | null;
  /** The sent one where that is good enough. Null: the client sent no call that could have a result. */
  readonly id: string | null;
};

/**
 * Gives calls that no id tells apart new ids, and each of their results the id of its call. A model that has no ids leaves
 * them out, sends empty ones, or repeats the name of the function; then only the order says which result is whose.
 * New ids follow from the position alone: the next request of the conversation repeats them, so prompt caches still match.
 * @param position of the turn in the conversation.
 */
export function withToolPairs(turn: Turn, position: number): Turn {
  const [first, ...rest] = turn;
  if (!isFrom(first, 'assistant')) return turn;
  const list = listIn(first['tool_calls']) ?? [];
  const calls = callsOf(list, { results: rest.filter(isResult), position });
  const isRenamed = calls.some(({ id, sentId }) => id !== sentId);
  if (!isRenamed && !rest.some(isNamelessResult)) return turn;
  const tool_calls = list.map((call, index) => withId(call, 'id', calls[index]?.id ?? null));
  return [{ ...first, tool_calls }, ...paired(rest, calls)];
}

/** An id that can tell a call from others. */
export function idIn(value: unknown, name: string): string | null {
  const id = isRecord(value) ? value[name] : undefined;
  return typeof id === 'string' && id.trim() !== '' ? id : null;
}

export const resultId = (message: unknown): string | null =>
  isResult(message) ? idIn(message, 'tool_call_id') : null;

export const isNamelessCall = (call: unknown): boolean =>
  idIn(call, 'id') === null && definitionIn(call) !== null;

const isResult = (message: unknown) => isFrom(message, 'tool');
const isNamelessResult = (message: unknown): boolean =>
  isResult(message) && resultId(message) === null;

/** What is called. Null: this is no call, and for the upstream to judge. */
const definitionIn = (call: unknown) =>
  isRecord(call) ? ([call['function'], call['custom']].find(isRecord) ?? null) : null;

type Place = { readonly results: readonly unknown[]; readonly position: number };

function callsOf(list: readonly unknown[], { results, position }: Place): readonly Call[] {
  const resultsBy = Map.groupBy(results, resultId);
  const callsBy = Map.groupBy(list, (call) => idIn(call, 'id'));
  const shared = new Set<string | null>();
  for (const [id, calls] of callsBy) {
    if (isShared(calls, resultsBy.get(id)?.length ?? 0)) shared.add(id);
  }
  const newId = (index: number): string => {
    let id = `call_${position}_${index}`;
    while (callsBy.has(id) || resultsBy.has(id)) id += '_';
    return id;
  };
  return list.map((call, index) => {
    const sentId = idIn(call, 'id');
    const isToName = sentId === null ? definitionIn(call) !== null : shared.has(sentId);
    return { sentId, id: isToName ? newId(index) : sentId };
  });
}

/** Whether calls of one id are several calls; else all but the first only repeat it. */
function isShared(calls: readonly unknown[], results: number): boolean {
  const [first, ...others] = calls;
  if (others.length === 0) return false;
  if (definitionIn(first)?.['name'] === idIn(first, 'id')) return true;
  const text = JSON.stringify(first);
  return results > 1 && others.some((call) => JSON.stringify(call) !== text);
}

/** Each result that no id leads to its call gets the id of the next one that it can belong to. */
function paired(messages: readonly unknown[], calls: readonly Call[]): readonly unknown[] {
  const own = new Set(messages.map(resultId));
  const open = new Set(calls.filter(({ id }) => id !== null && !own.has(id)));
  const queues = new Map(
    [...Map.groupBy(open, ({ sentId }) => sentId)].map(([id, queue]) => [id, queue.values()]),
  );
  const sentIds = new Set(calls.map(({ sentId }) => sentId));
  const inOrder = [...open].values();
  const next = (queue: Iterable<Call> = []): Call | undefined => {
    for (const call of queue) if (open.delete(call)) return call;
    return undefined;
  };
  return messages.map((message) => {
    if (!isResult(message)) return message;
    const id = resultId(message);
    // An id that no call has is as good as none, but says that the result is not of a call with an id of its own.
    const call = next(queues.get(sentIds.has(id) ? id : null)) ?? (id === null && next(inOrder));
    return call ? withId(message, 'tool_call_id', call.id) : message;
  });
}

const withId = (value: unknown, name: string, id: string | null): unknown =>
  id !== null && isRecord(value) ? { ...value, [name]: id } : value;

import type { ExchangeId } from '@gateway/worker-utils/ids';
import { isRecord } from '../../request/chat-request.ts';
import type { Fields } from './public-view.ts';

/** Also the words of an error could name who said them. */
export const STEALTH_ERROR = 'Stealth model unable to process request';
const ERROR_CODE = 502;

/**
 * Leaves of an answer only what every model says. What is not listed is not shown: a provider may name itself, the model or
 * its maker in any field, and in the form of an id. The ids of tool calls are replaced by ours, the same for the same.
 */
export function disguiseOf(exchange: ExchangeId): (answer: Fields) => Fields {
  const callIds = new Map<string, string>();
  const aliasOf = (id: string): string => {
    const known = callIds.get(id);
    if (known !== undefined) return known;
    // Unique in a conversation: the exchange is in it.
    const alias = `call_${exchange.replaceAll('-', '').slice(0, 20)}${callIds.size}`;
    callIds.set(id, alias);
    return alias;
  };

  const shownCall = (call: Fields): Fields => {
    const { id, function: called } = call;
    return {
      ...only(call, ['index', 'type']),
      ...(typeof id === 'string' && { id: id === '' ? '' : aliasOf(id) }),
      ...(isRecord(called) && { function: only(called, ['name', 'arguments']) }),
    };
  };
  const shownMessage = (message: Fields): Fields => ({
    ...only(message, ['role', 'content', 'refusal', 'reasoning']),
    ...listIn(message, 'reasoning_details', shownDetail),
    ...listIn(message, 'tool_calls', shownCall),
  });
  const shownChoice = (choice: Fields): Fields => ({
    ...only(choice, ['index', 'finish_reason']),
    ...recordIn(choice, 'delta', shownMessage),
    ...recordIn(choice, 'message', shownMessage),
  });
  return (answer) => ({
    ...('id' in answer && { id: exchange }),
    ...only(answer, ['object', 'created', 'model']),
    ...listIn(answer, 'choices', shownChoice),
    ...recordIn(answer, 'usage', numbersOf),
    ...(Boolean(answer['error']) && { error: errorIn(answer['error']) }),
  });
}

const shownDetail = (detail: Fields): Fields =>
  only(detail, ['type', 'text', 'summary', 'data', 'signature', 'index']);

function errorIn(error: unknown): Fields {
  const code = isRecord(error) ? error['code'] : null;
  return { code: typeof code === 'number' ? code : ERROR_CODE, message: STEALTH_ERROR };
}

/** Counts, and counts of parts. */
function numbersOf(usage: Fields): Fields {
  const counts = Object.entries(usage).flatMap(([name, value]): [string, unknown][] => {
    if (isRecord(value)) return [[name, numbersOf(value)]];
    return typeof value === 'number' ? [[name, value]] : [];
  });
  return Object.fromEntries(counts);
}

function only(fields: Fields, names: readonly string[]): Fields {
  const found = names.filter((name) => fields[name] !== undefined);
  return Object.fromEntries(found.map((name) => [name, fields[name]]));
}

type Shown = (fields: Fields) => Fields;

const recordIn = (fields: Fields, name: string, shown: Shown): Fields => {
  const value = fields[name];
  return isRecord(value) ? { [name]: shown(value) } : {};
};
const listIn = (fields: Fields, name: string, shown: Shown): Fields => {
  const value = fields[name];
  return Array.isArray(value) ? { [name]: value.filter(isRecord).map(shown) } : {};
};

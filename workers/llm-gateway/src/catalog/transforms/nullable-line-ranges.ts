import { type ChatRequest, isRecord } from '../../request/chat-request.ts';
import { listIn } from './messages.ts';
import { without } from './without.ts';

/** In the schema of the tool `read_file`: where the ranges of lines are described. */
const PATH = [
  'function',
  'parameters',
  'properties',
  'files',
  'items',
  'properties',
  'line_ranges',
];

/** Gemini behind Vercel refuses a schema whose `type` is a list; an agent's `read_file` has one there. */
export function withNullableLineRanges(chat: ChatRequest): ChatRequest {
  const tools = listIn(chat['tools']);
  return tools
    ? { ...chat, tools: tools.map((tool) => (isReadFile(tool) ? changedAt(tool, PATH) : tool)) }
    : chat;
}

const isReadFile = (tool: unknown): boolean =>
  isRecord(tool) &&
  tool['type'] === 'function' &&
  isRecord(tool['function']) &&
  tool['function']['name'] === 'read_file';

function changedAt(value: unknown, [name, ...rest]: readonly string[]): unknown {
  if (!isRecord(value)) return value;
  if (name === undefined) return nullable(value);
  return name in value ? { ...value, [name]: changedAt(value[name], rest) } : value;
}

function nullable(schema: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { type, items } = schema;
  if (!type || !items) return schema;
  const anyOf = [{ type: 'null' }, { type: 'array', items }];
  return { ...without(schema, ['type', 'items']), anyOf };
}

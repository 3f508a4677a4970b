import { type ChatRequest, isRecord } from '../../request/chat-request.ts';
import type { Transform } from './transform.ts';
import { listIn } from './messages.ts';
import { withToolCallIds } from './tool-call-ids.ts';
import { requiringToolCall } from './tool-choice.ts';
import { without } from './without.ts';

const TEMPERATURE = 0.2;
/** Mistral takes ids of exactly this length. */
const TOOL_CALL_ID_CHARACTERS = 9;

/** What Mistral's models need, wherever they are served. Applying it twice changes nothing. */
export const withMistralRules: Transform = async ({ chat, headers }, context) => {
  const renamed = await withToolCallIds(
    withoutStrict(chat),
    {
      isToReplace: (id) => id.length !== TOOL_CALL_ID_CHARACTERS,
      characters: TOOL_CALL_ID_CHARACTERS,
    },
    context.nextTurn,
  );
  const warm = renamed['temperature'] === undefined ? { temperature: TEMPERATURE } : {};
  return requiringToolCall({ chat: { ...renamed, ...warm }, headers }, context);
};

/** Mistral does not know `strict` of a function. */
function withoutStrict(chat: ChatRequest): ChatRequest {
  const tools = listIn(chat['tools']);
  return tools ? { ...chat, tools: tools.map(loosened) } : chat;
}

function loosened(tool: unknown): unknown {
  if (!isRecord(tool) || tool['type'] !== 'function' || !isRecord(tool['function'])) return tool;
  return { ...tool, function: without(tool['function'], ['strict']) };
}

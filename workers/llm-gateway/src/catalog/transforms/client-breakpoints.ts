import { type ChatRequest, isRecord, messagesOf, toolsOf } from '../../request/chat-request.ts';
import { listIn } from './messages.ts';

/**
 * Whether the client tells Anthropic itself what to cache: with a mark on the request, a tool, a message or a part of one.
 * Anthropic takes four marks in all, and none for an hour after one for five minutes, in the order of tools, system, messages
 * (https://platform.claude.com/docs/en/build-with-claude/prompt-caching). A mark of ours could break either rule.
 */
export const setsBreakpoints = (chat: ChatRequest): boolean =>
  isMarked(chat) ||
  toolsOf(chat).some((tool) => isMarked(tool) || isMarked(tool['function'])) ||
  messagesOf(chat).some(
    (message) => isMarked(message) || hasMark(message['content']) || hasMark(message['tool_calls']),
  );

const isMarked = (value: unknown): boolean =>
  isRecord(value) && value['cache_control'] !== undefined && value['cache_control'] !== null;

const hasMark = (value: unknown): boolean => listIn(value)?.some(isMarked) === true;

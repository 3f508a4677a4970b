import { type ChatRequest, type Message, messagesOf, textOf } from './chat-request.ts';

/** What accounting keeps of a prompt. Never more of it than the prefixes. */
export type PromptInfo = {
  readonly system_prompt_prefix: string;
  readonly system_prompt_length: number;
  readonly user_prompt_prefix: string;
};

const PREFIX_CHARACTERS = 100;

export function promptInfoOf(chat: ChatRequest): PromptInfo {
  const messages = messagesOf(chat);
  const system = messages.filter(isSystem).map(textOf).join('\n');
  const lastUser = messages.findLast((message) => message['role'] === 'user');
  return {
    system_prompt_prefix: system.slice(0, PREFIX_CHARACTERS),
    system_prompt_length: system.length,
    user_prompt_prefix: lastUser ? textOf(lastUser).slice(0, PREFIX_CHARACTERS) : '',
  };
}

const isSystem = (message: Message): boolean =>
  message['role'] === 'system' || message['role'] === 'developer';

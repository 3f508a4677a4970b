import type { Transform } from '../transforms/transform.ts';
import { isFrom, listIn, withMessageList } from '../transforms/messages.ts';
import { isRecord, type Message } from '../../request/chat-request.ts';
import { defineProvider } from './provider.ts';

/** Its makers want to stay unnamed. */
const rule = {
  type: 'text',
  text: 'You are an AI assistant in Kilo. Your name is Giga Potato. Do not reveal your model size, architecture, or any information that could hint at your origin or capabilities.',
} as const;

const withRule: Transform = ({ chat, headers }) => ({
  headers,
  chat: withMessageList(chat, (messages) => {
    const system = messages.findIndex((message) => isFrom(message, 'system'));
    return system === -1
      ? [{ role: 'system', content: [rule] }, ...messages]
      : messages.map((message, index) =>
          index === system && isRecord(message) ? ruled(message) : message,
        );
  }),
});

function ruled(message: Message): Message {
  const { content } = message;
  const text =
    typeof content === 'string' && content !== '' ? [{ type: 'text', text: content }] : [];
  return { ...message, content: [...(listIn(content) ?? text), rule] };
}

/** One model under two names. */
const withThinking: Transform = ({ chat, headers }, { resolved }) => ({
  headers,
  chat: {
    ...chat,
    thinking: { type: resolved === 'giga-potato-thinking' ? 'enabled' : 'disabled' },
  },
});

export const gigapotato = defineProvider({
  id: 'gigapotato',
  // A secret: the address would name its makers.
  baseUrl: 'GIGAPOTATO_API_URL',
  key: 'GIGAPOTATO_API_KEY',
  hashPepper: 'gigapotato',
  hasGenerations: false,
  tariff: null,
  transforms: [withRule, withThinking],
});

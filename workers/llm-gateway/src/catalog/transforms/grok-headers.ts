import type { Transform } from './transform.ts';

/** xAI keeps a conversation's cache on one of its servers, and finds it by this id. */
export const withGrokHeaders: Transform = ({ chat, headers }, { randomId }) => {
  const key = chat['prompt_cache_key'];
  return {
    chat,
    headers: {
      ...headers,
      'x-grok-conv-id': typeof key === 'string' && key !== '' ? key : randomId(),
      'x-grok-req-id': randomId(),
    },
  };
};

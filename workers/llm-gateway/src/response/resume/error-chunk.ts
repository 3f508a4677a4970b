import type { Instant } from '@gateway/worker-utils/time';

type Facts = { readonly id: string; readonly model: string; readonly at: Instant };

/** The last chunk of an answer that ended early: an error for clients that look for one, an end for the others. */
export const errorChunk = ({ id, model, at }: Facts) => ({
  id,
  object: 'chat.completion.chunk',
  created: Math.floor(at / 1000),
  model,
  error: { code: 502, message: 'The provider ended the answer before it was complete.' },
  choices: [{ index: 0, delta: { content: '' }, finish_reason: 'error' }],
});
export type ErrorChunk = ReturnType<typeof errorChunk>;

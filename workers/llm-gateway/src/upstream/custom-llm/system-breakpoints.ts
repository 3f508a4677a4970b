import { anthropicCache } from './provider-options.ts';
import type { Prompt } from './prompt.ts';

/** Anthropic takes no more in a request. */
const BREAKPOINTS_MAX = 4;

/** Keeps instructions in Anthropic's cache, for a client that sets no breakpoints of its own. */
export function withSystemBreakpoints(prompt: Prompt): Prompt {
  let left = BREAKPOINTS_MAX;
  return prompt.map((message) =>
    message.role === 'system' && left-- > 0
      ? { ...message, ...anthropicCache({ type: 'ephemeral' }) }
      : message,
  );
}

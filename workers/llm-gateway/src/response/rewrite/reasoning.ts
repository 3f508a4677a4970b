import type { Fields } from './public-view.ts';

/** Some providers call it `reasoning_content`. Clients look for it where OpenRouter puts it. */
export function withReasoning(message: Fields): Fields {
  const { reasoning_content: content, ...rest } = message;
  if (!content) return message;
  return {
    ...rest,
    reasoning: rest['reasoning'] || content,
    reasoning_details: rest['reasoning_details'] || [{ type: 'reasoning.text', text: content }],
  };
}

import type { Transform } from '../transforms/transform.ts';
import { numberIn } from '../../request/chat-request.ts';
import type { Family } from './model.ts';

/** What Qwen's hosts accept; they refuse a request that asks for more. */
const OUTPUT_TOKENS_MAX = 32_768;

const withOutputCapped: Transform = ({ chat, headers }) => {
  const capped = ['max_tokens', 'max_completion_tokens'].flatMap((name) =>
    numberIn(chat[name]) > OUTPUT_TOKENS_MAX ? [[name, OUTPUT_TOKENS_MAX] as const] : [],
  );
  return { headers, chat: { ...chat, ...Object.fromEntries(capped) } };
};

export const qwen: Family = {
  prefix: 'qwen/',
  preferredProviders: [],
  canResume: () => true,
  sponsored: [],
  transforms: [withOutputCapped],
};

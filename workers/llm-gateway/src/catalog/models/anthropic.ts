import { withCacheBreakpoints } from '../transforms/cache-breakpoints.ts';
import type { Transform } from '../transforms/transform.ts';
import { withToolCallIds } from '../transforms/tool-call-ids.ts';
import { isReasoning, requiringToolCall } from '../transforms/tool-choice.ts';
import type { Family } from './model.ts';

const withToolStreaming: Transform = ({ chat, headers }) => ({
  chat,
  headers: { ...headers, 'x-anthropic-beta': 'fine-grained-tool-streaming-2025-05-14' },
});

const withCaching: Transform = ({ chat, headers }) => ({
  chat: withCacheBreakpoints(chat),
  headers,
});

/** Ids made by other makers' models may hold a point; Anthropic refuses those. */
const withLegalToolCallIds: Transform = async ({ chat, headers }, { nextTurn }) => ({
  chat: await withToolCallIds(
    chat,
    { isToReplace: (id) => id.includes('.'), characters: 64 },
    nextTurn,
  ),
  headers,
});

/** Anthropic refuses a required tool choice together with reasoning; the larger models need no such push. */
const withHaikuToolChoice: Transform = (draft, context) =>
  context.resolved.startsWith('anthropic/claude-haiku') && !isReasoning(draft.chat)
    ? requiringToolCall(draft, context)
    : draft;

/** Models from 4.6 on refuse a prefix; earlier ones refuse it while reasoning. */
const REFUSES_BEGUN = /claude-[a-z]+-(?:4\.[6-9]|4\.\d{2}|[5-9]|\d{2})/;

export const anthropic: Family = {
  prefix: 'anthropic/',
  preferredProviders: ['amazon-bedrock', 'anthropic'],
  canResume: ({ resolved, chat }) => !REFUSES_BEGUN.test(resolved) && !isReasoning(chat),
  sponsored: [],
  transforms: [withToolStreaming, withCaching, withLegalToolCallIds, withHaikuToolChoice],
};

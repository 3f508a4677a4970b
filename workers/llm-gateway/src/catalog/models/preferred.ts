import { ModelId } from '@gateway/worker-utils/ids';
import { sponsoredModels } from './catalogue.ts';

const preferredAt = (
  hosted: ReadonlyMap<ModelId, { readonly state: 'offered' | 'retired' }>,
): readonly ModelId[] => {
  const freeOr = (free: string, paid: string | null): readonly (string | null)[] => [
    hosted.get(ModelId.parse(free))?.state === 'offered' ? free : paid,
  ];
  return [
    'kilo/auto',
    'kilo/auto-free',
    ...freeOr('minimax/minimax-m2.5:free', 'minimax/minimax-m2.5'),
    ...freeOr('moonshotai/kimi-k2.5:free', 'moonshotai/kimi-k2.5'),
    ...freeOr('giga-potato-thinking', null),
    'arcee-ai/trinity-large-preview:free',
    'anthropic/claude-opus-4.6',
    'anthropic/claude-sonnet-4.6',
    'openai/gpt-5.2',
    'openai/gpt-5.3-codex',
    'google/gemini-3.1-pro-preview',
    'z-ai/glm-5',
    'x-ai/grok-code-fast-1',
  ].flatMap((id) => (id === null ? [] : [ModelId.parse(id)]));
};

/** The models that are recommended to users. A free one that was retired gives way to the paid one. */
export const preferredModels = preferredAt(sponsoredModels);

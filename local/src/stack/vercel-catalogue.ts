/** Who serves what behind Vercel's gateway, by Vercel's names: what decides whether an own key fits a model. */
const hosts = {
  'anthropic/claude-haiku-4.5': ['anthropic', 'bedrock', 'vertex'],
  'anthropic/claude-opus-4.6': ['anthropic', 'bedrock', 'vertex'],
  'anthropic/claude-sonnet-4.6': ['anthropic', 'bedrock', 'vertex'],
  'google/gemini-3.1-pro-preview': ['google', 'vertex'],
  'minimax/minimax-m2.5': ['minimax'],
  'mistral/devstral-2': ['mistral'],
  'openai/gpt-5-nano': ['openai', 'azure'],
  'openai/gpt-5.2': ['openai', 'azure'],
  'openai/gpt-5.3-codex': ['openai', 'azure'],
  'xai/grok-code-fast-1': ['xai'],
  'zai/glm-5': ['zai', 'deepinfra'],
};

/** The catalogue as the host application stores it. The oldest possible row: one of its own is newer. */
export const vercelCatalogue = {
  id: 0,
  data: {},
  vercel: Object.fromEntries(
    Object.entries(hosts).map(([id, tags]) => [
      id,
      { id, name: id, endpoints: tags.map((tag) => ({ provider_name: tag, tag })) },
    ]),
  ),
};

import fc from 'fast-check';

// Values that mean something to a provider, by the name of the field that they stand in.

const MODELS = [
  'anthropic/claude-opus-4.6',
  'anthropic/claude-sonnet-4.6',
  'google/gemini-3.1-pro-preview',
  'openai/gpt-5-nano',
  'openai/gpt-5.2',
  'z-ai/glm-5',
  'minimax/minimax-m2.5',
  'openrouter/auto',
  'openrouter/auto-beta',
  'openrouter/fusion',
  'vendor/not-listed',
] as const;
/** The catalogue prices them at nothing, or our own list has them. */
export const FREE_MODELS = [
  'vendor/model:free',
  'openrouter/free',
  'openrouter/sonoma-sky-alpha',
  'minimax/minimax-m2.5:free',
  'giga-potato',
  'giga-potato-thinking',
  'corethink:free',
  'kilo-auto/free',
] as const;
const HOSTS = [
  'amazon-bedrock',
  'anthropic',
  'azure',
  'fireworks',
  'google-vertex',
  'openai',
  'z-ai',
  'Z.AI',
  'deepinfra/turbo',
] as const;
const ENGINES = ['native', 'exa', 'firecrawl', 'parallel', 'mistral-ocr', 'cloudflare-ai', 'auto'];

const SUFFIXES = [':online', ':nitro', ':floor', ':free', ':thinking', '@preset/dear', ':extended'];
const anyModel = fc.constantFrom(...MODELS, ...FREE_MODELS);

/** Of a model, in the spellings that a router takes. */
export const modelName = fc.oneof(
  { arbitrary: anyModel, weight: 12 },
  {
    arbitrary: fc
      .tuple(anyModel, fc.constantFrom(...SUFFIXES))
      .map(([name, suffix]) => `${name}${suffix}`),
    weight: 3,
  },
  { arbitrary: anyModel.map((name) => ` ${name.toUpperCase()} `), weight: 1 },
  {
    arbitrary: fc.constantFrom('anthropic/*', '*', '@preset/dear', '~anthropic/latest'),
    weight: 1,
  },
);
const host = fc.constantFrom(...HOSTS);

const words = (...all: readonly string[]): fc.Arbitrary<string> => fc.constantFrom(...all);

/** The texts of a field, where any text will not do. */
export const texts: Readonly<Record<string, fc.Arbitrary<string>>> = {
  model: modelName,
  models: modelName,
  analysis_models: modelName,
  allowed_models: modelName,
  excluded_models: modelName,
  only: host,
  order: host,
  ignore: host,
  engine: words(...ENGINES),
  effort: words('none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'),
  reasoning_effort: words('none', 'low', 'high', 'max'),
  service_tier: words('auto', 'default', 'fast', 'flex', 'priority', 'scale'),
  modalities: words('text', 'image', 'audio'),
  data_collection: words('allow', 'deny'),
  sort: words('price', 'throughput', 'latency'),
  by: words('price', 'throughput', 'latency'),
  partition: words('model', 'none'),
  quantizations: words('fp8', 'int4', 'unknown'),
  search_context_size: words('low', 'medium', 'high'),
  preset: words('dear', 'general-budget', '@preset/dear'),
  cost_tier: words('low', 'high'),
  ttl: words('5m', '1h'),
  file_data: words('https://example.com/a.pdf', 'data:application/pdf;base64,JVBERi0='),
  url: words('https://example.com/a.png', 'data:image/png;base64,iVBORw0='),
  type: words(
    'openrouter:web_search',
    'openrouter:web_fetch',
    'web_search_preview',
    'openrouter:bash',
    'code_interpreter',
    'mcp',
  ),
};

/** Any other text. Not a name of a model, a host or an engine. */
export const plainText = fc.constantFrom('', 'a', 'some words', '2026-12-01', 'Europe/Paris');
export const number = fc.constantFrom(0, 1, 2, 3, 7, 30, -1, 0.5);
export const tokenCount = fc.constantFrom(1, 1, 12, 100, 2000, 0, -1);

export const junk = fc.oneof(
  fc.constantFrom(null, true, false, 0, -1, 1.5, '', ' ', '[]', '{}'),
  modelName,
  fc.jsonValue({ maxDepth: 2 }),
);

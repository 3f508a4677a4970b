// What the simulated provider charges. Prices are whole thousand-millionths of a dollar, so that costs are sums of integers
// and a test that computes one gets the very same number.

export const NANO_USD_PER_USD = 1_000_000_000;

/** Nano-dollars a token. */
export type Price = {
  readonly prompt: number;
  readonly cached: number;
  readonly completion: number;
};

export type PricedModel = {
  readonly id: string;
  readonly name: string;
  readonly contextLength: number;
  readonly price: Price;
  /** What the catalogue tells of it, in USD a token, where that is not the price. */
  readonly listed?: { readonly prompt: string; readonly completion: string };
};

/** 3, 0.30 and 15 USD a million tokens: of every model that is not in the table. */
const defaultPrice: Price = { prompt: 3000, cached: 300, completion: 15_000 };
const freePrice: Price = { prompt: 0, cached: 0, completion: 0 };
/** How the catalogue writes a price that depends on the model that is chosen. */
const DEPENDS = { prompt: '-1', completion: '-1' } as const;

const priced = (id: string, name: string, rest: Omit<PricedModel, 'id' | 'name'>): PricedModel => ({
  id,
  name,
  ...rest,
});

export const pricedModels: readonly PricedModel[] = [
  priced('anthropic/claude-opus-4.6', 'Anthropic: Claude Opus 4.6', {
    contextLength: 1_000_000,
    price: { prompt: 5000, cached: 500, completion: 25_000 },
  }),
  priced('anthropic/claude-sonnet-4.6', 'Anthropic: Claude Sonnet 4.6', {
    contextLength: 1_000_000,
    price: defaultPrice,
  }),
  priced('google/gemini-3.1-pro-preview', 'Google: Gemini 3.1 Pro Preview', {
    contextLength: 1_048_576,
    price: { prompt: 2000, cached: 200, completion: 12_000 },
  }),
  priced('minimax/minimax-m2.5', 'MiniMax: MiniMax M2.5', {
    contextLength: 204_800,
    price: { prompt: 300, cached: 30, completion: 1200 },
  }),
  priced('moonshotai/kimi-k2.5', 'MoonshotAI: Kimi K2.5', {
    contextLength: 262_144,
    price: { prompt: 600, cached: 100, completion: 3000 },
  }),
  priced('openai/gpt-5-nano', 'OpenAI: GPT-5 Nano', {
    contextLength: 400_000,
    price: { prompt: 50, cached: 5, completion: 400 },
  }),
  priced('openai/gpt-5.2', 'OpenAI: GPT-5.2', {
    contextLength: 400_000,
    price: { prompt: 1750, cached: 175, completion: 14_000 },
  }),
  priced('openai/gpt-5.3-codex', 'OpenAI: GPT-5.3 Codex', {
    contextLength: 400_000,
    price: { prompt: 1750, cached: 175, completion: 14_000 },
  }),
  priced('x-ai/grok-code-fast-1', 'xAI: Grok Code Fast 1', {
    contextLength: 256_000,
    price: { prompt: 200, cached: 20, completion: 1500 },
  }),
  priced('z-ai/glm-5', 'Z.ai: GLM 5', {
    contextLength: 202_800,
    price: { prompt: 1000, cached: 200, completion: 3200 },
  }),
  priced('qwen/qwen3-coder:free', 'Qwen: Qwen3 Coder (free)', {
    contextLength: 262_000,
    price: freePrice,
  }),
  priced('arcee-ai/trinity-large-preview:free', 'Arcee AI: Trinity Large Preview (free)', {
    contextLength: 131_000,
    price: freePrice,
  }),
  priced('openrouter/auto', 'Auto Router', {
    contextLength: 2_000_000,
    price: defaultPrice,
    listed: DEPENDS,
  }),
  priced('openrouter/auto-beta', 'Auto Router (beta)', {
    contextLength: 2_000_000,
    price: defaultPrice,
    listed: DEPENDS,
  }),
  priced('openrouter/free', 'Free Models Router', { contextLength: 200_000, price: freePrice }),
  priced('openrouter/sonoma-sky-alpha', 'Sonoma Sky Alpha', {
    contextLength: 2_000_000,
    price: freePrice,
  }),
  priced('vendor/model:free', 'Vendor: Model (free)', { contextLength: 64_000, price: freePrice }),
  priced('vendor/charged:free', 'Vendor: listed as free, and charged for', {
    contextLength: 64_000,
    price: defaultPrice,
    listed: { prompt: '0', completion: '0' },
  }),
  priced('sim/answer~tokens=300~delay=20:free', 'Simulator: listed as free, slow, charged for', {
    contextLength: 64_000,
    price: defaultPrice,
    listed: { prompt: '0', completion: '0' },
  }),
  priced('sim/answer', 'Simulator: answers', { contextLength: 200_000, price: defaultPrice }),
  priced('sim/tool', 'Simulator: calls a tool', { contextLength: 200_000, price: defaultPrice }),
  priced('sim/task', 'Simulator: does a task', { contextLength: 200_000, price: defaultPrice }),
];

const priceById = new Map(pricedModels.map(({ id, price }) => [id, price]));

/** By the id, or the id without its suffix; a model whose id ends with `:free` costs nothing, if it is not in the table. */
export function priceOf(model: string): Price {
  const id = model.trim().toLowerCase();
  const own = priceById.get(id);
  if (own) return own;
  if (id.endsWith(':free')) return freePrice;
  return priceById.get(id.split(':', 1)[0] ?? id) ?? defaultPrice;
}

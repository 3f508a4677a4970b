import { z } from 'zod';

/** What a model may cost at most, in USD, and how much it reads and writes, by the upstream's catalogue. */
export type ModelPrices = {
  readonly rates: Rates;
  /** Where a long prompt changes the prices of the whole request: from so many tokens on. */
  readonly overrides: readonly { readonly promptTokensMin: number; readonly rates: Rates }[];
  /** Null: not published. */
  readonly contextTokens: number | null;
  readonly outputTokensMax: number | null;
};

/** All but `request` and `image` are of one token. */
type Rates = {
  readonly prompt: number;
  /** Of a token that is written to a cache, for minutes or for an hour. */
  readonly cacheWrite: number;
  readonly cacheWriteHour: number;
  readonly audio: number;
  readonly completion: number;
  readonly reasoning: number;
  readonly audioOutput: number;
  readonly imageOutput: number;
  readonly request: number;
  readonly image: number;
};

/** OpenRouter writes prices as texts, so that no digit is lost. */
const usd = z
  .union([z.number(), z.string().trim().min(1).transform(Number)])
  .pipe(z.number().nonnegative().finite());
/** Undefined if missing or malformed. */
const optionalUsd = usd.optional().catch(undefined);
const tokens = z.int().positive().nullable().catch(null);

const rateFields = {
  input_cache_write: optionalUsd,
  input_cache_write_1h: optionalUsd,
  audio: optionalUsd,
  internal_reasoning: optionalUsd,
  audio_output: optionalUsd,
  image_output: optionalUsd,
  request: optionalUsd,
  image: optionalUsd,
};
const Override = z.object({
  min_prompt_tokens: z.coerce.number().nonnegative().finite(),
  prompt: optionalUsd,
  completion: optionalUsd,
  ...rateFields,
});
const Entry = z.object({
  id: z.string(),
  canonical_slug: z.string().optional().catch(undefined),
  context_length: tokens,
  top_provider: z
    .object({ context_length: tokens, max_completion_tokens: tokens })
    .catch({ context_length: null, max_completion_tokens: null }),
  pricing: z.object({
    prompt: usd,
    completion: usd,
    ...rateFields,
    overrides: z.array(z.unknown()).catch([]),
  }),
});
type Pricing = z.infer<typeof Entry>['pricing'];

/**
 * An entry of OpenRouter's `GET /models`. Null where it has no price that can be charged: -1 says that the price depends on the
 * model that a router chooses.
 */
export function modelPricesIn(
  entry: unknown,
): { readonly id: string; readonly slug: string | null; readonly prices: ModelPrices } | null {
  const parsed = Entry.safeParse(entry);
  if (!parsed.success) return null;
  const { id, canonical_slug: slug, pricing, context_length: context } = parsed.data;
  const top = parsed.data.top_provider;
  return {
    id: id.toLowerCase(),
    // A model is also served under its name with a date.
    slug: slug?.toLowerCase() ?? null,
    prices: {
      rates: ratesOf(pricing),
      overrides: pricing.overrides.flatMap((override) => {
        const known = Override.safeParse(override);
        if (!known.success) return [];
        const { min_prompt_tokens: promptTokensMin, ...changed } = known.data;
        const told = Object.entries(changed).filter(([, value]) => value !== undefined);
        return { promptTokensMin, rates: ratesOf({ ...pricing, ...Object.fromEntries(told) }) };
      }),
      contextTokens: larger(context, top.context_length),
      outputTokensMax: top.max_completion_tokens,
    },
  };
}

const ratesOf = (pricing: Omit<Pricing, 'overrides'>): Rates => ({
  prompt: pricing.prompt,
  cacheWrite: pricing.input_cache_write ?? 0,
  cacheWriteHour: pricing.input_cache_write_1h ?? 0,
  audio: pricing.audio ?? 0,
  completion: pricing.completion,
  reasoning: pricing.internal_reasoning ?? 0,
  audioOutput: pricing.audio_output ?? 0,
  imageOutput: pricing.image_output ?? 0,
  request: pricing.request ?? 0,
  image: pricing.image ?? 0,
});

const larger = (a: number | null, b: number | null): number | null =>
  a === null || (b !== null && b > a) ? b : a;

/** A model of which only the prices of its tokens matter. */
export const tokenPrices = (
  rates: Pick<Rates, 'prompt' | 'completion'>,
  contextTokens: number,
  outputTokensMax: number | null = null,
): ModelPrices => ({
  rates: ratesOf(rates),
  overrides: [],
  contextTokens,
  outputTokensMax,
});

/**
 * Where the catalogue has never been read, a request may be for any model: as dear as o1-pro, the dearest that OpenRouter has
 * listed (https://openrouter.ai/openai/o1-pro, 2026-11-30: 150 and 600 USD a million tokens).
 */
export const dearestPrices = tokenPrices({ prompt: 150e-6, completion: 600e-6 }, 200_000, 100_000);

import { type MicroUsd, microUsdOf } from '@gateway/worker-utils/money';
import type { ModelPrices } from './model-prices.ts';
import type { RequestSize } from './request-size.ts';

/** What a request costs in addition to the tokens of its prompt and answer. */
export type Extras = {
  /** The total in USD. */
  readonly usd: number;
  /** Their results may fill the model's context. */
  readonly fillsContext: boolean;
  /** Answers generated for each requested one. */
  readonly answers: number;
  /** Multiplies the price of tokens. */
  readonly priceFactor: number;
};
export const noExtras: Extras = { usd: 0, fillsContext: false, answers: 1, priceFactor: 1 };

export type Request = {
  readonly size: RequestSize;
  readonly extras: Extras;
};

/** More than any one answer costs. Beyond it, a number is wrong, and not charged. */
export const COST_USD_MAX = 1000;
/** Requests that reserve nothing would be admitted without limit. */
const FLOOR_USD = 0.001;
/** The most that a model counts for an image: Qwen's vision models (2026-11-30), unless it has a price for each. */
const IMAGE_TOKENS = 16_384;
/** What makers add to a prompt that has tools: Anthropic, at most 804 tokens (its page about tool use, 2026-11-30). */
const TOOL_PROMPT_TOKENS = 1_000;
/** For models that publish no context length: larger than any today. */
const CONTEXT_TOKENS = 2_000_000;

/**
 * The most that a request may be charged, of all models that may answer it: the worst case that is held. Never less than a
 * thousandth of a dollar, and never more than what is believed of an answer's cost (1000 USD), whatever a request says.
 */
export function worstCaseOf(request: Request, models: readonly ModelPrices[]): MicroUsd {
  const usd = models.reduce((most, model) => Math.max(most, worstCaseAt(model, request)), 0);
  return microUsdOf(within(usd + request.extras.usd));
}

/** NaN results from Infinity: count it as the maximum. */
const within = (usd: number): number =>
  Number.isNaN(usd) ? COST_USD_MAX : Math.min(COST_USD_MAX, Math.max(FLOOR_USD, usd));

function worstCaseAt(model: ModelPrices, { size, extras }: Request): number {
  const context = model.contextTokens ?? CONTEXT_TOKENS;
  const outputTokens = Math.min(
    context,
    (size.outputTokensMax ?? model.outputTokensMax ?? context) + size.extraOutputTokens,
  );
  // A longer prompt is refused by the model, or cut.
  const promptTokens =
    size.isUnbounded || extras.fillsContext ? context : Math.min(context, promptTokensOf(size));
  const costs = ratesFrom(model, promptTokens).map((rates) => {
    const prompt = promptTokens * promptRateOf(rates, size) + size.images * rates.image;
    return rates.request + prompt + outputTokens * outputRateOf(rates, size);
  });
  return Math.max(...costs) * size.choices * extras.answers * extras.priceFactor;
}

const promptTokensOf = ({ textBytes, images, hasTools }: RequestSize): number =>
  textBytes + images * IMAGE_TOKENS + (hasTools ? TOOL_PROMPT_TOKENS : 0);

type Rates = ModelPrices['rates'];

/** A prompt may be shorter than its worst case, so any of these prices may apply. */
const ratesFrom = ({ rates, overrides }: ModelPrices, promptTokens: number): readonly Rates[] => [
  rates,
  ...overrides
    .filter(({ promptTokensMin }) => promptTokensMin <= promptTokens)
    .map((override) => override.rates),
];

const promptRateOf = (rates: Rates, { hasAudio, isUnbounded, isCachedForAnHour }: RequestSize) =>
  Math.max(
    rates.prompt,
    rates.cacheWrite,
    isCachedForAnHour ? rates.cacheWriteHour : 0,
    hasAudio || isUnbounded ? rates.audio : 0,
  );

const outputRateOf = (rates: Rates, { writesAudio, writesImages }: RequestSize): number =>
  Math.max(
    rates.completion,
    rates.reasoning,
    writesAudio ? rates.audioOutput : 0,
    writesImages ? rates.imageOutput : 0,
  );

const BYTES_A_TOKEN = 4;
/** Most answers are shorter, whatever a client allows them to be. */
const OUTPUT_TOKENS = 4_000;

/** The typical cost of such a request. Counts only within an overdraft. */
export function typicalCostOf({ size, extras }: Request, models: readonly ModelPrices[]): MicroUsd {
  const usual: RequestSize = {
    ...size,
    textBytes: size.textBytes / BYTES_A_TOKEN,
    outputTokensMax: Math.min(size.outputTokensMax ?? OUTPUT_TOKENS, OUTPUT_TOKENS),
    extraOutputTokens: 0,
  };
  const found = { ...extras, fillsContext: false, answers: 1 };
  return worstCaseOf({ size: usual, extras: found }, models);
}

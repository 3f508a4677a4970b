import { billOf, extrasUsdOf } from './extras.ts';
import { NANO_USD_PER_USD, priceOf } from './prices.ts';
import { type ChatRequest, textOf } from './request.ts';
import { type Scenario, scenarioOf } from './scenario.ts';

/** The provider's `usage`, true and complete: what a scenario makes of it on the wire is another matter. */
export type Usage = {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
  readonly cost: number;
  readonly is_byok: boolean;
  readonly prompt_tokens_details: { readonly cached_tokens: number };
  /** What the inference cost upstream, and of which parts it is made: OpenRouter's own client wants these. */
  readonly cost_details: {
    readonly upstream_inference_cost: number;
    readonly upstream_inference_prompt_cost: number;
    readonly upstream_inference_completions_cost: number;
  };
  readonly completion_tokens_details: { readonly reasoning_tokens: number };
};

/** A token for every four bytes (UTF-8) of the texts of all messages, a begun one in full. */
export const promptTokensOf = (request: ChatRequest): number =>
  Math.ceil(
    request.messages.reduce((sum, message) => sum + Buffer.byteLength(textOf(message)), 0) / 4,
  );

/** OpenRouter keeps a twentieth of what one's own key was charged upstream. */
const OWN_KEY_SHARE = 20;

/**
 * What the provider charges for an answer of so many tokens: reasoning and tool calls included, every choice counted. Without
 * a scenario, the one that the model's name asks for.
 */
export function expectedUsage(
  request: ChatRequest,
  completionTokens: number,
  scenario: Scenario | null = scenarioOf(request.model).data ?? null,
): Usage {
  const settings = scenario?.settings;
  const bill = billOf(request, settings);
  const price = priceOf(bill.model);
  const promptTokens = promptTokensOf(request);
  const cachedTokens = Math.min(settings?.cached ?? 0, promptTokens);
  const promptNano = (promptTokens - cachedTokens) * price.prompt + cachedTokens * price.cached;
  const completionNano = completionTokens * price.completion;
  const tokensUsd = ((promptNano + completionNano) * bill.factor) / NANO_USD_PER_USD;
  const charged = tokensUsd + extrasUsdOf(bill, { promptTokens, completionTokens });
  const isByok = settings?.byok === 'yes';
  const upstream =
    settings?.upstream === undefined || settings.upstream === 'none'
      ? charged
      : Number(settings.upstream);
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
    cost: validCost(settings?.cost) ?? (isByok ? upstream / OWN_KEY_SHARE : charged),
    is_byok: isByok,
    prompt_tokens_details: { cached_tokens: cachedTokens },
    cost_details: {
      upstream_inference_cost: upstream,
      upstream_inference_prompt_cost: promptNano / NANO_USD_PER_USD,
      upstream_inference_completions_cost: completionNano / NANO_USD_PER_USD,
    },
    completion_tokens_details: {
      reasoning_tokens: Math.min(
        completionTokens,
        (settings?.reasoning ?? 0) * (settings?.choices ?? 1),
      ),
    },
  };
}

/** What a correct bill says: the provider's price, or where it used a key of ours, what that key was charged. */
export const costOf = (usage: Usage): number =>
  usage.is_byok ? usage.cost_details.upstream_inference_cost : usage.cost;

const COST_USD_MAX = 1000;

/** A cost that the scenario sets and that can be true; what can't be is only on the wire. */
function validCost(text: string | undefined): number | null {
  const cost = Number(text);
  return cost >= 0 && cost <= COST_USD_MAX ? cost : null;
}

/** Survives JSON.stringify, which has no word for it, and becomes the literal `1e999`: Infinity to whoever parses it. */
export const OVERFLOW_MARK = '@overflow@';

/** The usage as the scenario puts it on the wire. */
export function wireUsage(usage: Usage, { settings }: Scenario): object {
  const { cost: _, is_byok: __, cost_details: ___, ...counts } = usage;
  return {
    ...counts,
    ...wireCost(settings.cost, usage.cost),
    ...(settings.byok === 'none'
      ? {}
      : { is_byok: settings.byok === 'null' ? null : usage.is_byok }),
    ...(settings.upstream === 'none' ? {} : { cost_details: usage.cost_details }),
  };
}

function wireCost(text: string | undefined, cost: number): object {
  switch (text) {
    case undefined:
      return { cost };
    case 'none':
      return {};
    case 'null':
      return { cost: null };
    case 'text':
      return { cost: String(cost) };
    case 'nan':
      return { cost: 'NaN' };
    case 'overflow':
      return { cost: OVERFLOW_MARK };
    default:
      return { cost: Number(text) };
  }
}

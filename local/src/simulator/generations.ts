import type { Exchange } from './exchange.ts';
import type { Delivered } from './log.ts';
import { NANO_USD_PER_USD, priceOf } from './prices.ts';
import type { Usage } from './usage.ts';
import { PROVIDER } from './wire.ts';

const GENERATIONS_MAX = 50_000;

type Generation = { readonly data: object; readonly missCode: number; missesLeft: number };

export type Found =
  | { readonly kind: 'found'; readonly data: object }
  | { readonly kind: 'missed'; readonly code: number };

/** What `GET /generation` knows: what was really generated, for answers that broke or were left as well. */
export class Generations {
  #byId = new Map<string, Generation>();

  add(entry: Delivered, usage: Usage, exchange: Exchange): void {
    const { settings } = exchange.scenario;
    this.#byId.set(entry.generationId, {
      data: dataOf(entry, usage, exchange),
      missCode: settings['looks-code'],
      missesLeft: settings.looks,
    });
    const [oldest] = this.#byId.keys();
    if (this.#byId.size > GENERATIONS_MAX && oldest !== undefined) this.#byId.delete(oldest);
  }

  look(id: string): Found {
    const generation = this.#byId.get(id);
    if (!generation) return { kind: 'missed', code: 404 };
    if (generation.missesLeft > 0) {
      generation.missesLeft -= 1;
      return { kind: 'missed', code: generation.missCode };
    }
    return { kind: 'found', data: generation.data };
  }
}

function dataOf(entry: Delivered, usage: Usage, { answer, scenario }: Exchange): object {
  const { settings } = scenario;
  const finish = entry.ending === 'complete' ? answer.finish : null;
  const price = priceOf(entry.model);
  const cached = usage.prompt_tokens_details.cached_tokens;
  const endedAt = entry.endedAt ?? entry.at;
  const cost = settings['looked-cost'] ?? usage.cost;
  return {
    id: entry.generationId,
    upstream_id: entry.generationId.replace(/^gen-/, 'chatcmpl-'),
    total_cost: cost,
    usage: cost,
    upstream_inference_cost:
      usage.is_byok && settings.upstream !== 'none'
        ? usage.cost_details.upstream_inference_cost
        : null,
    is_byok: usage.is_byok,
    cache_discount: cached > 0 ? (cached * (price.prompt - price.cached)) / NANO_USD_PER_USD : null,
    created_at: new Date(entry.created * 1000).toISOString(),
    model: entry.model,
    provider_name: PROVIDER,
    app_id: null,
    origin: '',
    streamed: entry.streamed,
    cancelled: entry.ending === 'client-left',
    latency: (entry.firstTokenAt ?? endedAt) - entry.at,
    moderation_latency: null,
    generation_time: endedAt - entry.at,
    finish_reason: finish,
    native_finish_reason: finish,
    tokens_prompt: usage.prompt_tokens,
    tokens_completion: usage.completion_tokens,
    native_tokens_prompt: usage.prompt_tokens,
    native_tokens_completion: usage.completion_tokens,
    native_tokens_reasoning: usage.completion_tokens_details.reasoning_tokens,
    native_tokens_cached: cached,
    num_media_prompt: null,
    num_media_completion: null,
    num_search_results: null,
  };
}

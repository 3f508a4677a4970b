import { NANO_USD_PER_USD, type PricedModel, pricedModels } from './prices.ts';

const usdText = (nano: number): string =>
  (nano / NANO_USD_PER_USD).toFixed(9).replace(/\.?0+$/, '');

const entryOf = ({ id, name, contextLength, price, listed }: PricedModel) => ({
  id,
  canonical_slug: id,
  hugging_face_id: null,
  name,
  created: 1_760_000_000,
  description: `${name}, played by the simulator.`,
  context_length: contextLength,
  architecture: {
    modality: 'text->text',
    input_modalities: ['text'],
    output_modalities: ['text'],
    tokenizer: 'Other',
    instruct_type: null,
  },
  pricing: {
    prompt: listed?.prompt ?? usdText(price.prompt),
    completion: listed?.completion ?? usdText(price.completion),
    request: '0',
    image: '0',
    ...(listed === undefined && { input_cache_read: usdText(price.cached) }),
  },
  top_provider: {
    context_length: contextLength,
    max_completion_tokens: 65_536,
    is_moderated: false,
  },
  per_request_limits: null,
  supported_parameters: [
    'include_reasoning',
    'max_tokens',
    'reasoning',
    'seed',
    'stop',
    'temperature',
    'tool_choice',
    'tools',
    'top_p',
  ],
  supported_voices: null,
  default_parameters: null,
  knowledge_cutoff: null,
  expiration_date: null,
  links: { details: `/api/v1/models/${id}/endpoints` },
});

/** `GET /models`, in the shape that OpenRouter's own client validates. */
export const modelList = {
  data: pricedModels.map(entryOf),
  links: { next: null },
  total_count: pricedModels.length,
};

/** `GET /providers`: who makes the models plays who runs them. */
export const providerList = {
  data: [...new Set(pricedModels.map(({ id }) => id.split('/', 1)[0] ?? id))].map((slug) => ({
    name: slug,
    slug,
    privacy_policy_url: null,
    terms_of_service_url: null,
    status_page_url: null,
    headquarters: null,
    datacenters: null,
  })),
};

import { z } from 'zod';
import { isZeroPriced } from '../../catalog/models/zero-price.ts';
import { DETAILS_PATH, ModelEntry, Price } from './model-entry.ts';

const { shape } = ModelEntry;
const { architecture, top_provider: topProvider } = shape;
const texts = z.array(z.string());
const orNull = <T extends z.ZodType>(schema: T) => schema.nullable().catch(null);

const UNKNOWN_ARCHITECTURE = {
  modality: null,
  input_modalities: ['text'],
  output_modalities: ['text'],
  tokenizer: 'Other',
  instruct_type: null,
};
const UNKNOWN_PROVIDER = { context_length: null, max_completion_tokens: null, is_moderated: false };

/** What must be there. Of the rest, whatever is missing or of another shape is told as not known. */
const Upstream = z.object({
  id: shape.id,
  name: shape.name,
  context_length: shape.context_length,
  pricing: z.looseObject({ prompt: Price, completion: Price }),
  supported_parameters: shape.supported_parameters,
  canonical_slug: orNull(shape.canonical_slug),
  hugging_face_id: shape.hugging_face_id.catch(null),
  created: shape.created.catch(0),
  description: shape.description.catch(''),
  architecture: z
    .object({
      modality: architecture.shape.modality.catch(null),
      input_modalities: texts.catch(['text']),
      output_modalities: texts.catch(['text']),
      tokenizer: architecture.shape.tokenizer.catch('Other'),
      instruct_type: architecture.shape.instruct_type.catch(null),
    })
    .catch(UNKNOWN_ARCHITECTURE),
  top_provider: z
    .object({
      context_length: topProvider.shape.context_length.catch(null),
      max_completion_tokens: topProvider.shape.max_completion_tokens.catch(null),
      is_moderated: topProvider.shape.is_moderated.catch(false),
    })
    .catch(UNKNOWN_PROVIDER),
  supported_voices: shape.supported_voices.catch(null),
  default_parameters: shape.default_parameters.catch(null),
  knowledge_cutoff: shape.knowledge_cutoff.catch(null),
  expiration_date: shape.expiration_date.catch(null),
});

/** The entries of an upstream's catalogue that can be shown to any client. One that is not well takes no other with it. */
export function upstreamEntries(listed: readonly unknown[]): readonly ModelEntry[] {
  return listed.flatMap((entry) => {
    const parsed = Upstream.safeParse(entry);
    if (!parsed.success) return [];
    const { pricing, canonical_slug: slug, id, ...rest } = parsed.data;
    const { prompt, completion, ...others } = pricing;
    return [
      {
        ...rest,
        id,
        canonical_slug: slug ?? id,
        pricing: { ...textsIn(others), prompt, completion },
        per_request_limits: null,
        links: { details: DETAILS_PATH },
        isFree: isZeroPriced(pricing),
      },
    ];
  });
}

const textsIn = (fields: Readonly<Record<string, unknown>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) =>
      typeof value === 'string' ? [[name, value] as const] : [],
    ),
  );

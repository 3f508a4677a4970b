import { z } from 'zod';

/** A price of one token in USD, as a text, so that no digit is lost. */
export const Price = z.string().regex(/^-?\d+(?:\.\d+)?(?:e-?\d+)?$/i);

/**
 * A model as OpenRouter's newest clients validate it, and as the Kilo CLI does: that drops the whole list for a single entry
 * without a number for `context_length`.
 */
export const ModelEntry = z.object({
  id: z.string().min(1),
  canonical_slug: z.string(),
  hugging_face_id: z.string().nullable(),
  name: z.string().min(1),
  created: z.int(),
  description: z.string(),
  context_length: z.int().positive(),
  architecture: z.object({
    modality: z.string().nullable(),
    input_modalities: z.array(z.string()),
    output_modalities: z.array(z.string()),
    tokenizer: z.string(),
    instruct_type: z.string().nullable(),
  }),
  pricing: z.object({ prompt: Price, completion: Price }).catchall(z.string()),
  top_provider: z.object({
    context_length: z.int().nullable(),
    max_completion_tokens: z.int().nullable(),
    is_moderated: z.boolean(),
  }),
  per_request_limits: z.null(),
  supported_parameters: z.array(z.string()),
  supported_voices: z.array(z.string()).nullable(),
  default_parameters: z.record(z.string(), z.unknown()).nullable(),
  knowledge_cutoff: z.string().nullable(),
  expiration_date: z.string().nullable(),
  links: z.object({ details: z.string() }),
  /** Nobody is charged for it. */
  isFree: z.boolean(),
  /** The place among those that are recommended. */
  preferredIndex: z.int().nonnegative().optional(),
});
export type ModelEntry = z.infer<typeof ModelEntry>;

export const ModelList = z.object({
  data: z.array(ModelEntry),
  links: z.object({ next: z.null() }),
  total_count: z.int(),
});

type Facts = {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly contextTokens: number;
  readonly outputTokensMax: number;
  /** USD a token. */
  readonly pricing: { readonly prompt: string; readonly completion: string };
  readonly seesImages: boolean;
  readonly reasons: boolean;
  readonly isFree: boolean;
};

/** The entry of a model that no catalogue of an upstream has. */
export const entryOf = (facts: Facts): ModelEntry => ({
  id: facts.id,
  canonical_slug: facts.id,
  hugging_face_id: null,
  name: facts.name,
  created: 0,
  description: facts.description,
  context_length: facts.contextTokens,
  architecture: {
    modality: facts.seesImages ? 'text+image->text' : 'text->text',
    input_modalities: facts.seesImages ? ['text', 'image'] : ['text'],
    output_modalities: ['text'],
    tokenizer: 'Other',
    instruct_type: null,
  },
  pricing: facts.pricing,
  top_provider: {
    context_length: facts.contextTokens,
    max_completion_tokens: facts.outputTokensMax,
    is_moderated: false,
  },
  per_request_limits: null,
  supported_parameters: [
    'max_tokens',
    'temperature',
    'tools',
    'tool_choice',
    ...(facts.reasons ? ['reasoning', 'include_reasoning'] : []),
  ],
  supported_voices: null,
  default_parameters: null,
  knowledge_cutoff: null,
  expiration_date: null,
  links: { details: DETAILS_PATH },
  isFree: facts.isFree,
});

/** Clients require a link for each model. No path serves the details of one model: the list holds all that is known of it. */
export const DETAILS_PATH = '/api/v1/models';

import { z } from 'zod';

// What OpenRouter's newest client accepts, written from what it was seen to ask for. Strict: it raises an error for a field
// that is not there, and the Kilo CLI drops a whole list for one entry that is not well.

/** `-1`: it depends on the model that is chosen. */
const price = z.string().regex(/^(?:-1|\d+(?:\.\d+)?)$/);

const OpenRouterModel = z.looseObject({
  id: z.string().min(1),
  canonical_slug: z.string().min(1),
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
  pricing: z.object({ prompt: price, completion: price }).catchall(z.string()),
  top_provider: z.object({
    context_length: z.number().nullable(),
    max_completion_tokens: z.number().nullable(),
    is_moderated: z.boolean(),
  }),
  per_request_limits: z.null(),
  supported_parameters: z.array(z.string()),
  supported_voices: z.array(z.string()).nullable(),
  default_parameters: z.looseObject({}).nullable(),
  links: z.object({ details: z.string() }),
  opencode: z.undefined().optional(),
});

export const OpenRouterModels = z.object({
  data: z.array(OpenRouterModel),
  links: z.object({ next: z.null() }),
  total_count: z.int(),
});

export const OpenRouterError = z.strictObject({
  error: z.looseObject({ code: z.int(), message: z.string().min(1) }),
});

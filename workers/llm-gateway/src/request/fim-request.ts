import { z } from 'zod';

/** A field that only the upstream may judge. */
const passed = (type: string) => z.unknown().optional().meta({ type });

/** FIM is limited to code models, whose prices it assumes. */
const CODE_MODEL = /^\s*(?:mistralai\/)?(?<name>codestral[a-z\d.-]*)\s*$/i;
const PREFIX = 'mistralai/';
/** Code models that the catalogue of chats does not list. From https://docs.mistral.ai/getting-started/models, 2026-11. */
export const CODE_MODELS: readonly string[] = [
  'mistralai/codestral-latest',
  'mistralai/codestral-2405',
  'mistralai/codestral-2411',
  'mistralai/codestral-2501',
  'mistralai/codestral-2508',
];

/** A fill-in-the-middle request. The upstream refuses unknown fields, so only these are sent. */
export const FimRequest = z.object({
  model: z
    .string()
    .regex(CODE_MODEL)
    .transform((model) => PREFIX + (CODE_MODEL.exec(model)?.groups?.['name'] ?? '').toLowerCase())
    .meta({ type: 'string' }),
  prompt: passed('string'),
  suffix: passed('string'),
  max_tokens: passed('integer'),
  min_tokens: passed('integer'),
  temperature: passed('number'),
  top_p: passed('number'),
  stop: passed('array'),
  random_seed: passed('integer'),
  stream: passed('boolean'),
});

/** The maker's own name for a code model. */
export const nameAtMaker = (model: string): string => model.slice(PREFIX.length);

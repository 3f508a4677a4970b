import { plainNumber } from '@gateway/worker-utils/exact-json';
import { z } from 'zod';
import type { Protocol } from './endpoint.ts';

/** How reasoning was said, and so to whom it may be said again. Conversations hold other formats too, of other models. */
export const FORMATS: Readonly<Record<Protocol, string>> = {
  anthropic: 'anthropic-claude-v1',
  openai: 'openai-responses-v1',
};

/** What old extensions are told in place of OpenAI's: they drop the ids of the formats that they know. */
export const OBSCURED_FORMAT = 'openai-responses-v1-obscured';

const common = {
  id: z.string().nullish(),
  format: z.string().nullish(),
  index: z.preprocess(plainNumber, z.number().nullish()),
};

/** An entry of `reasoning_details`, as clients send it back. */
export const ReasoningDetail = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('reasoning.text'),
    text: z.string().nullish(),
    signature: z.string().nullish(),
    ...common,
  }),
  z.object({ type: z.literal('reasoning.encrypted'), data: z.string(), ...common }),
  z.object({ type: z.literal('reasoning.summary'), summary: z.string(), ...common }),
]);
export type ReasoningDetail = z.infer<typeof ReasoningDetail>;
export type TextDetail = Extract<ReasoningDetail, { type: 'reasoning.text' }>;
export type EncryptedDetail = Extract<ReasoningDetail, { type: 'reasoning.encrypted' }>;

/** Null where neither protocol could take it back. */
export function protocolOf({ format }: ReasoningDetail): Protocol | null {
  if (format === FORMATS.anthropic) return 'anthropic';
  return format === FORMATS.openai || format === OBSCURED_FORMAT ? 'openai' : null;
}

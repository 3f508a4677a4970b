import { z } from 'zod';

const Tokens = z.object({
  inputTokens: z.int().nonnegative().optional(),
  outputTokens: z.int().nonnegative().optional(),
  cacheWriteTokens: z.int().nonnegative().optional(),
  cacheHitTokens: z.int().nonnegative().optional(),
  totalTokens: z.int().nonnegative().optional(),
});

/** What the gateway tells o11y of one exchange. Unknown keys are dropped. */
export const ApiMetrics = z.object({
  kiloUserId: z.string().min(1),
  organizationId: z.string().min(1).optional(),
  isAnonymous: z.boolean(),
  isStreaming: z.boolean(),
  userByok: z.boolean(),
  mode: z.string().min(1).optional(),
  provider: z.string().min(1),
  inferenceProvider: z.string().optional().default(''),
  /** As the client named it, before an auto model was resolved. */
  requestedModel: z.string().min(1),
  /** As it was served, with everything from the first colon cut off. */
  resolvedModel: z.string().min(1),
  toolsAvailable: z.array(z.string().min(1)),
  toolsUsed: z.array(z.string().min(1)),
  ttfbMs: z.int().nonnegative(),
  completeRequestMs: z.int().nonnegative(),
  statusCode: z.int().min(100).max(599),
  tokens: Tokens.optional(),
  /** How many upstream attempts the exchange took. */
  attempts: z.int().nonnegative().optional(),
  /** How the answer ended: a 200 may have been cut. */
  ending: z.enum(['complete', 'failed', 'cut', 'client-left', 'unreachable']).optional(),
});
export type ApiMetrics = z.infer<typeof ApiMetrics>;
export type ApiMetricsInput = z.input<typeof ApiMetrics>;

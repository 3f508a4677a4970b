import { z } from 'zod';

/** The label of every model that callers name and no list has: see docs/decisions/0030. */
export const OTHER_MODEL = 'other';

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
  /** As the client named it, before an auto model was resolved; `OTHER_MODEL` where no list has it. */
  requestedModel: z.string().min(1),
  /** As it was served, with everything from the first colon cut off; `OTHER_MODEL` where no list has it. */
  resolvedModel: z.string().min(1),
  /** The served model's name where no list has it. Not a label, unless an operator has set an objective for it. */
  unlistedModel: z.string().min(1).optional(),
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

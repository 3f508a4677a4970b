import { z } from 'zod';

const Count = z.int().nonnegative();
const Counts = z.record(z.string(), Count);

/** What session ingest tells o11y of one session of the CLI or an extension. Unknown keys are dropped. */
export const SessionMetrics = z.object({
  kiloUserId: z.string().min(1),
  organizationId: z.string().optional().default(''),
  sessionId: z.string().min(1),
  platform: z.string().min(1),
  sessionDurationMs: Count,
  /** Absent when no answer ever came. */
  timeToFirstResponseMs: Count.optional(),
  totalTurns: Count,
  totalSteps: Count,
  toolCallsByType: Counts,
  toolErrorsByType: Counts,
  totalErrors: Count,
  errorsByType: Counts,
  stuckToolCallCount: Count,
  totalTokens: z.object({
    input: Count,
    output: Count,
    reasoning: Count,
    cacheRead: Count,
    cacheWrite: Count,
  }),
  totalCost: z.number().nonnegative(),
  compactionCount: Count,
  autoCompactionCount: Count,
  terminationReason: z.enum(['completed', 'error', 'interrupted', 'abandoned', 'unknown']),
  model: z.string().optional().default(''),
  ingestVersion: Count.default(0),
});
export type SessionMetrics = z.infer<typeof SessionMetrics>;
export type SessionMetricsInput = z.input<typeof SessionMetrics>;

import { ApiMetrics } from '../api-metrics.ts';
import { SessionMetrics } from '../session-metrics.ts';

/** What is told of an ordinary answer. */
export const answerTold = ApiMetrics.parse({
  kiloUserId: 'user-1',
  isAnonymous: false,
  isStreaming: true,
  userByok: false,
  provider: 'openrouter',
  requestedModel: 'kilo/auto',
  resolvedModel: 'a/model',
  toolsAvailable: [],
  toolsUsed: [],
  ttfbMs: 100,
  completeRequestMs: 340,
  statusCode: 200,
});

/** What is told of a session that nobody ever answered. */
export const sessionTold = SessionMetrics.parse({
  kiloUserId: 'user-1',
  sessionId: 'ses_1',
  platform: 'cli',
  sessionDurationMs: 90_000,
  totalTurns: 2,
  totalSteps: 5,
  toolCallsByType: {},
  toolErrorsByType: {},
  totalErrors: 1,
  errorsByType: {},
  stuckToolCallCount: 1,
  totalTokens: { input: 1, output: 2, reasoning: 3, cacheRead: 4, cacheWrite: 5 },
  totalCost: 0.25,
  compactionCount: 1,
  autoCompactionCount: 1,
  terminationReason: 'completed',
});

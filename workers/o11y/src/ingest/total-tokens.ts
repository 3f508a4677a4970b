import type { SessionMetrics } from '@gateway/worker-utils/session-metrics';

export const totalTokensOf = ({ totalTokens }: Pick<SessionMetrics, 'totalTokens'>): number =>
  totalTokens.input +
  totalTokens.output +
  totalTokens.reasoning +
  totalTokens.cacheRead +
  totalTokens.cacheWrite;

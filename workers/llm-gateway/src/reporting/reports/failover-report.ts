import type { GatewayHealth } from '../../policy/vercel-routing.ts';
import type { Report } from './report.ts';

/** OpenRouter fails so often that others answer for it. */
export const failoverReport = ({ openrouter, vercel }: GatewayHealth): Report => ({
  level: 'error',
  message: 'OpenRouter fails: most of what Vercel has too goes there',
  source: 'vercel_routing',
  isTracked: true,
  user: null,
  facts: {
    openrouterAttempts: openrouter.attempts,
    openrouterFailed: openrouter.failed,
    vercelAttempts: vercel.attempts,
    vercelFailed: vercel.failed,
  },
});

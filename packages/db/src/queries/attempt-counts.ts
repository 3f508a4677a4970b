import { z } from 'zod';
import type { Database } from '../database.ts';

const AttemptCount = z.object({
  provider: z.string(),
  attempts: z.number(),
  failed: z.number(),
});
export type AttemptCount = z.infer<typeof AttemptCount>;

/**
 * How the house's calls of the last ten minutes ended, by provider. What a client caused says nothing of the provider, and is
 * not counted: it has left, or its request was refused for what it says.
 */
export function attemptCounts(
  database: Database,
  providers: readonly string[],
): Promise<readonly AttemptCount[]> {
  const text = `
select provider, count(*)::int as attempts,
  (count(*) filter (where ending <> 'complete' or status >= 400))::int as failed
from gateway.attempts
where created_at >= now() - interval '10 minutes' and provider = any($1::text[])
  and ending in ('complete', 'failed', 'cut', 'unreachable', 'hedged-late')
  and coalesce(status not in (400, 404, 413, 422), true) and not is_user_byok
group by provider`;
  return database.rows({ text, values: [providers] }, AttemptCount);
}

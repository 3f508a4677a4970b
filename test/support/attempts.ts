import { ask } from '@gateway/db/inspect';
import { z } from 'zod';

const Attempt = z.object({
  n: z.number(),
  provider: z.string(),
  status: z.number().nullable(),
  ending: z.string(),
  generation_id: z.string().nullable(),
  upstream_cost: z.coerce.number().nullable(),
});
export type Attempt = z.infer<typeof Attempt>;

/** What was tried for an exchange, in order. */
export const attemptsOf = (databaseUrl: string, usage: string): Promise<readonly Attempt[]> =>
  ask(
    databaseUrl,
    { text: 'select * from gateway.attempts where usage_id = $1 order by n', values: [usage] },
    Attempt,
  );

/** The simulator plays both gateways, each at an address of its own. */
const gateways: Readonly<Record<string, string>> = { api: 'openrouter', vercel: 'vercel' };

/** Which of them was called at a path. */
export function gatewayAt(path: string): string {
  const base = path.split('/')[1] ?? '';
  return gateways[base] ?? base;
}

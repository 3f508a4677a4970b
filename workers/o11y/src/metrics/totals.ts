import { z } from 'zod';
import type { Sql } from '@gateway/worker-utils/sql';

const Dimension = { provider: z.string(), model: z.string(), client_name: z.string() };

const RequestTotal = z.object({
  ...Dimension,
  /** 2 for 200 to 299, and so on. */
  status_class: z.number(),
  user_byok: z.number(),
  requests: z.number(),
  complete_ms: z.number(),
  input_tokens: z.number(),
  output_tokens: z.number(),
});
export type RequestTotal = z.infer<typeof RequestTotal>;

const FirstByteTotal = z.object({
  ...Dimension,
  /** A place in `firstByteBounds`; one past its end for those beyond the last. */
  bound: z.number(),
  requests: z.number(),
  ttfb_ms: z.number(),
});
export type FirstByteTotal = z.infer<typeof FirstByteTotal>;

const SessionTotal = z.object({
  platform: z.string(),
  termination_reason: z.string(),
  sessions: z.number(),
  duration_ms: z.number(),
  turns: z.number(),
  steps: z.number(),
  errors: z.number(),
  stuck_tool_calls: z.number(),
  compactions: z.number(),
  tokens: z.number(),
  cost_usd: z.number(),
});
export type SessionTotal = z.infer<typeof SessionTotal>;

/** Sums since the store was made, or since the model was last forgotten. */
export type Totals = {
  readonly requests: readonly RequestTotal[];
  readonly firstBytes: readonly FirstByteTotal[];
  readonly sessions: readonly SessionTotal[];
};

const ORDER = 'ORDER BY provider, model, client_name';

export const totalsEmbedded = (sql: Sql): Totals => ({
  requests: sql
    .all(
      `SELECT * FROM request_total JOIN dimension ON id = dimension ${ORDER}, status_class, user_byok`,
    )
    .map((row) => RequestTotal.parse(row)),
  firstBytes: sql
    .all(`SELECT * FROM first_byte JOIN dimension ON id = dimension ${ORDER}, bound`)
    .map((row) => FirstByteTotal.parse(row)),
  sessions: sql
    .all('SELECT * FROM session_total ORDER BY platform, termination_reason')
    .map((row) => SessionTotal.parse(row)),
});

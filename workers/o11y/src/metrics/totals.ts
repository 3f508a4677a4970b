import { z } from 'zod';
import type { Sql } from '../sql.ts';

/** Sums since the store was made, or since the model was last forgotten. */
export type Total = z.infer<typeof Total>;
const Total = z.object({
  provider: z.string(),
  model: z.string(),
  client_name: z.string(),
  /** 2 for 200 to 299, and so on. */
  status_class: z.number(),
  user_byok: z.number(),
  requests: z.number(),
  ttfb_ms: z.number(),
  complete_ms: z.number(),
  input_tokens: z.number(),
  output_tokens: z.number(),
});

export const totalsEmbedded = (sql: Sql): Total[] =>
  sql
    .all(
      'SELECT * FROM total JOIN dimension ON id = dimension ORDER BY provider, model, status_class, user_byok',
    )
    .map((row) => Total.parse(row));

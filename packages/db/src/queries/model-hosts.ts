import { z } from 'zod';
import type { Database } from '../database.ts';

const Answer = z.object({ tags: z.array(z.unknown()) });

/**
 * Who serves a model behind Vercel's gateway, as the newest catalogue has it. Nobody, where it does not know the model. The
 * document is large: only what is asked for leaves the database.
 */
export async function modelHosts(
  database: Database,
  vercelModel: string,
): Promise<readonly string[]> {
  const text = `
select coalesce(jsonb_path_query_array(vercel -> $1::text, '$.endpoints[*].tag'), '[]') as tags
from models_by_provider order by id desc limit 1`;
  const [answer] = await database.rows({ text, values: [vercelModel] }, Answer);
  return (answer?.tags ?? []).filter((tag) => typeof tag === 'string');
}

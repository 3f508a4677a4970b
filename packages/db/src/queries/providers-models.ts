import { z } from 'zod';
import type { Database } from '../database.ts';

const Answer = z.object({ data: z.unknown() });

/** The newest catalogue of who serves which models, as the host application has stored it. Null where there is none. */
export async function providersModels(database: Database): Promise<unknown> {
  const text = 'select data from models_by_provider order by id desc limit 1';
  const [answer] = await database.rows({ text, values: [] }, Answer);
  return answer?.data ?? null;
}

import { parseJson } from '@gateway/worker-utils/json';
import { err, ok, type Result } from '@gateway/worker-utils/result';
import type { z } from 'zod';

/** What a schema makes of a body, or the 400 that says what is wrong with it. */
export async function parsedBody<T extends z.ZodType>(
  request: Request,
  schema: T,
): Promise<Result<z.output<T>, Response>> {
  const json = parseJson(await request.text());
  const parsed = schema.safeParse(json.ok ? json.value : undefined);
  if (parsed.success) return ok(parsed.data);
  const body = { success: false, error: 'Invalid request body', issues: parsed.error.issues };
  return err(Response.json(body, { status: 400 }));
}

import { describeLimit } from '@gateway/worker-utils/body-limits';
import { jsonBody } from '@gateway/worker-utils/json-body';
import { BODY_PACE, type Intake } from '@gateway/worker-utils/read-within';
import { err, ok, type Result } from '@gateway/worker-utils/result';
import type { z } from 'zod';

const BODY_BYTES_MAX = 1024 * 1024;

/** What a schema makes of a body, or the answer that says what is wrong with it. */
export async function parsedBody<T extends z.ZodType>(
  request: Request,
  schema: T,
  intake: Intake,
): Promise<Result<z.output<T>, Response>> {
  const json = await jsonBody(request, BODY_BYTES_MAX, intake);
  if (!json.ok && json.error.kind === 'too-large') {
    const message = describeLimit(json.error.limit);
    return refused(413, { error: 'Request too large', message });
  }
  if (!json.ok && json.error.kind === 'too-slow') {
    return refused(408, { error: 'Request timeout', message: BODY_PACE });
  }
  if (!json.ok && json.error.kind === 'crowded-out') {
    return refused(503, { error: 'Service unavailable' });
  }
  const parsed = schema.safeParse(json.ok ? json.value : undefined);
  if (parsed.success) return ok(parsed.data);
  return refused(400, { error: 'Invalid request body', issues: parsed.error.issues });
}

const refused = (status: number, body: object) =>
  err(Response.json({ success: false, ...body }, { status }));

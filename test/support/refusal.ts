import { parseJson } from '@gateway/worker-utils/json';
import { z } from 'zod';

const Refused = z.object({
  error: z.union([
    z.string(),
    z.object({ code: z.string() }).transform(({ code }) => code),
    z.object({ title: z.string() }).transform(({ title }) => title),
  ]),
});

/** What a client goes by in an error body of ours: its text, its code or its title. Null: none of ours. */
export function reasonIn(text: string): string | null {
  const json = parseJson(text);
  const refused = Refused.safeParse(json.ok ? json.value : null);
  return refused.success ? refused.data.error : null;
}

export const DATA_COLLECTION =
  'Data collection is required for this model. Please enable data collection to use this model or choose another model.';

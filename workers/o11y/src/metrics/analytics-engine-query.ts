import { parseJson } from '@gateway/worker-utils/json';
import { z } from 'zod';

export type QueryNeeds = {
  readonly accountId: string;
  readonly token: () => Promise<string | null>;
  readonly post: (url: string, init: RequestInit) => Promise<Response>;
};

const QUERY_MS_MAX = 10_000;
const ERROR_CHARACTERS_MAX = 500;
const Answer = z.object({ data: z.array(z.unknown()) });

/** Rows of one query, as the SQL API gives them. */
export async function queryAnalyticsEngine(
  { accountId, token, post }: QueryNeeds,
  sql: string,
): Promise<readonly unknown[]> {
  const url = `https://api.cloudflare.com/client/v4/accounts/${encodeURIComponent(accountId)}/analytics_engine/sql`;
  const response = await post(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${(await token()) ?? ''}` },
    body: `${sql}\nFORMAT JSON`,
    signal: AbortSignal.timeout(QUERY_MS_MAX),
  });
  const text = await response.text();
  if (!response.ok) {
    throw new Error(
      `Analytics Engine query failed (${response.status}): ${text.slice(0, ERROR_CHARACTERS_MAX)}`,
    );
  }
  const json = parseJson(text);
  return Answer.parse(json.ok ? json.value : undefined).data;
}

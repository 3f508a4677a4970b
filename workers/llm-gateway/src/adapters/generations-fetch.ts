import { parseJson } from '@gateway/worker-utils/json';
import { APP_HEADERS } from '../providers/identifiers.ts';
import { type ProviderBaseUrl, type ProviderKey, providers } from '../providers/registry.ts';
import { Generation, type GenerationQuestion } from '../settle/generation.ts';
import type { Log } from '@gateway/worker-utils/json-log';

type Needs = {
  readonly baseUrls: { readonly of: (name: ProviderBaseUrl) => Promise<string> };
  readonly secrets: { readonly get: (name: ProviderKey) => Promise<string> };
  readonly pause: (ms: number) => Promise<void>;
  readonly log: Log;
};

/** A provider knows a generation some time after its end. The whole fits into what the platform leaves after a response. */
const WAITS_MS = [1_000, 2_000, 4_000, 8_000] as const;
const CALL_MS_MAX = 2_000;
/** Worth another try; 404 because the record may not be there yet. */
const isTransient = (status: number): boolean =>
  [404, 408, 409, 425, 429].includes(status) || status >= 500;

/** Asks until the provider knows, or never will within the time. Null then: the exchange stays settled as it is. */
export function generationsOf({ baseUrls, secrets, pause, log }: Needs) {
  return async ({ provider, generation }: GenerationQuestion): Promise<Generation | null> => {
    const { baseUrl, key } = providers[provider];
    const url = `${await baseUrls.of(baseUrl)}/generation?id=${encodeURIComponent(generation)}`;
    for (const wait of WAITS_MS) {
      await pause(wait);
      const answer = await ask(url, await secrets.get(key)).catch(() => null);
      if (answer?.ok === true) return recordIn(await answer.text());
      await answer?.body?.cancel();
      if (answer && !isTransient(answer.status)) break;
    }
    log.warn('generation unknown', { provider, generation });
    return null;
  };
}

const ask = (url: string, key: string): Promise<Response> =>
  // oxlint-disable-next-line eslint/no-restricted-globals -- This is a port that calls out.
  fetch(url, {
    headers: { ...APP_HEADERS, Authorization: `Bearer ${key}` },
    signal: AbortSignal.timeout(CALL_MS_MAX),
  });

function recordIn(text: string): Generation | null {
  const json = parseJson(text);
  const record = Generation.safeParse(json.ok ? json.value : null);
  return record.success ? record.data : null;
}

import { urlUnder } from '@gateway/worker-utils/url-under';
import { parseJson } from '@gateway/worker-utils/json';
import type { GenerationAnswer } from '../../billing/ledger/ledger-state.ts';
import type { CostLookup } from '../../billing/ledger/cost-lookup.ts';
import { APP_HEADERS } from '../../catalog/providers/identifiers.ts';
import {
  type ProviderBaseUrl,
  type ProviderKey,
  providers,
} from '../../catalog/providers/registry.ts';
import { Generation } from '../../billing/ledger/generation.ts';

type Needs = {
  readonly baseUrls: { readonly of: (name: ProviderBaseUrl) => Promise<string> };
  readonly secrets: { readonly get: (name: ProviderKey) => Promise<string> };
};

const CALL_MS_MAX = 5_000;
/** Worth another try; 404 because the record may not be there yet. */
const isTransient = (status: number): boolean =>
  [404, 408, 409, 425, 429].includes(status) || status >= 500;

/** Asks a provider for its record of one answer. Rejects where it can't be reached. */
export const generationsOf =
  ({ baseUrls, secrets }: Needs) =>
  async ({ provider, generation }: CostLookup): Promise<GenerationAnswer> => {
    const { baseUrl, key } = providers[provider];
    const url = urlUnder(
      await baseUrls.of(baseUrl),
      `/generation?id=${encodeURIComponent(generation)}`,
    );
    // oxlint-disable-next-line eslint/no-restricted-globals -- This is a port that calls out.
    const answer = await fetch(url, {
      headers: { ...APP_HEADERS, Authorization: `Bearer ${await secrets.get(key)}` },
      signal: AbortSignal.timeout(CALL_MS_MAX),
    });
    if (!answer.ok) {
      await answer.body?.cancel();
      return { kind: isTransient(answer.status) ? 'silent' : 'refused' };
    }
    const json = parseJson(await answer.text());
    const record = Generation.safeParse(json.ok ? json.value : null);
    return record.success ? { kind: 'told', generation: record.data } : { kind: 'silent' };
  };

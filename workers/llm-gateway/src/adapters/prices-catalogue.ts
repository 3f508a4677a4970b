import { parseJson } from '@gateway/worker-utils/json';
import type { Clock, Instant } from '@gateway/worker-utils/time';
import { z } from 'zod';
import type { TokenPrices } from '../policy/hold-estimate.ts';

/** What the models of the upstream's catalogue cost. Null: not known, or not yet. */
export type Prices = {
  readonly of: (model: string) => TokenPrices | null;
  /** Reads the catalogue where what is known of it has become old. Never rejects. */
  readonly refresh: () => Promise<void>;
};

const FRESH_MS = 10 * 60 * 1000;
const CALL_MS_MAX = 10_000;

const price = z.coerce.number().nonnegative().finite();
const Entry = z.object({ id: z.string(), pricing: z.object({ prompt: price, completion: price }) });
const Catalogue = z.object({ data: z.array(z.unknown()) });

/** Of this isolate: plain values, that requests may share. */
let known: ReadonlyMap<string, TokenPrices> = new Map();
let readAt: Instant | null = null;

export function pricesOf(needs: { readonly baseUrl: string; readonly clock: Clock }): Prices {
  return {
    of: (model) => known.get(model) ?? known.get(model.split(':', 1)[0] ?? '') ?? null,
    async refresh() {
      const now = needs.clock.now();
      if (readAt !== null && now - readAt < FRESH_MS) return;
      // Before it is read: one request of an isolate does it, the others go on with what is known.
      readAt = now;
      known = (await read(needs.baseUrl).catch(() => null)) ?? known;
    },
  };
}

async function read(baseUrl: string): Promise<ReadonlyMap<string, TokenPrices> | null> {
  // oxlint-disable-next-line eslint/no-restricted-globals -- This is a port that calls out.
  const answer = await fetch(`${baseUrl}/models`, { signal: AbortSignal.timeout(CALL_MS_MAX) });
  const json = parseJson(await answer.text());
  const catalogue = Catalogue.safeParse(json.ok ? json.value : null);
  if (!catalogue.success) return null;
  const entries = catalogue.data.data.flatMap((entry) => Entry.safeParse(entry).data ?? []);
  return new Map(entries.map(({ id, pricing }) => [id.toLowerCase(), pricing]));
}

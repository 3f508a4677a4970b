import { urlUnder } from '@gateway/worker-utils/url-under';
import { ModelId } from '@gateway/worker-utils/ids';
import { parseJson } from '@gateway/worker-utils/json';
import type { Log } from '@gateway/worker-utils/json-log';
import type { Clock } from '@gateway/worker-utils/time';
import { z } from 'zod';
import type { ModelEntry } from '../../http/models/model-entry.ts';
import { type ProviderEntry, providerEntries } from '../../http/models/provider-entry.ts';
import { upstreamEntries } from '../../http/models/upstream-entries.ts';
import type { ListedPrices } from '../../catalog/models/listed-prices.ts';
import { withBases } from '../../catalog/models/model-label.ts';
import { isZeroPriced } from '../../catalog/models/zero-price.ts';
import type { PriceList } from '../../policy/estimate.ts';
import { type ModelPrices, modelPricesIn } from '../../policy/model-prices.ts';
import { emptyMemory, rememberedOf } from '../remembered.ts';
import { pause } from '@gateway/worker-utils/pause';

/** What the upstream offers, and for how much. One reading of it serves the lists of models and the holds of the ledger. */
export type Catalogue = Prices & {
  /** Of every model, in lower case, also without what follows the colon. Empty, where they have never been read. Never rejects. */
  readonly names: () => Promise<ReadonlySet<string>>;
  /** Empty, where it has never been read. Never rejects. */
  readonly models: () => Promise<readonly ModelEntry[]>;
  /** Whether a model is priced at nothing. `background` keeps the worker alive for what no request waits for. */
  readonly listedPrices: (background: (work: Promise<void>) => void) => ListedPrices;
  /** Null, where they have never been read. Never rejects. */
  readonly providers: () => Promise<readonly ProviderEntry[] | null>;
};

/** What the models of the upstream's catalogue cost. Null: not known, or not yet. */
export type Prices = PriceList & {
  /**
   * Waits for the catalogue where an isolate has never read it, for some seconds at most, and has it read again where it has
   * become old. Never rejects.
   */
  readonly ready: () => Promise<void>;
};

type Needs = { readonly baseUrl: string; readonly clock: Clock; readonly log: Log };

const FRESH_MS = 10 * 60 * 1000;
/** The Kilo CLI waits for a list of models for ten seconds. */
const CALL_MS_MAX = 5_000;

const Listed = z.object({ data: z.array(z.unknown()) });
const Named = z.object({ id: ModelId, pricing: z.unknown() });

type Models = {
  readonly names: ReadonlySet<string>;
  readonly entries: readonly ModelEntry[];
  /** Also of models that can't be listed. */
  readonly prices: ReadonlyMap<string, ModelPrices>;
  /** Priced at nothing, by their full ids. */
  readonly free: ReadonlySet<ModelId>;
};

/** Of this isolate. */
const modelsMemory = emptyMemory<Models>();
const providersMemory = emptyMemory<readonly ProviderEntry[]>();

export function catalogueOf({ baseUrl, clock, log }: Needs): Catalogue {
  const rest = {
    clock,
    pause,
    freshMs: FRESH_MS,
    reportFailure: (cause: unknown) => log.warn('catalogue unavailable', { cause }),
  };
  const models = rememberedOf({
    ...rest,
    memory: modelsMemory,
    read: async () => modelsIn(await read(urlUnder(baseUrl, '/models'))),
  });
  const providers = rememberedOf({
    ...rest,
    memory: providersMemory,
    read: async () => providerEntries(await read(urlUnder(baseUrl, '/providers'))),
  });
  return {
    of: (model) => priceIn(models.known()?.prices ?? new Map(), model),
    all: () => [...(models.known()?.prices.values() ?? [])],
    async ready() {
      if (models.known() === null) await models.settled();
      else void models.refresh();
    },
    names: async () => (models.known() ?? (await models.current()))?.names ?? new Set(),
    listedPrices: (background) => ({
      isFree: (id) => models.known()?.free.has(id) ?? false,
      async known() {
        if (models.known() === null) await models.settled();
        else background(models.refresh());
      },
    }),
    models: async () => (await models.current())?.entries ?? [],
    providers: providers.current,
  };
}

/** A variant such as `:nitro` is not listed: it is the same model. */
const priceIn = (prices: Models['prices'], model: string): ModelPrices | null =>
  prices.get(model) ?? prices.get(model.split(':', 1)[0] ?? '') ?? null;

const modelsIn = (listed: readonly unknown[]): Models => ({
  names: withBases(listed.flatMap((entry) => Named.safeParse(entry).data?.id ?? [])),
  entries: upstreamEntries(listed),
  prices: pricesIn(listed),
  free: new Set(
    listed
      .flatMap((entry) => Named.safeParse(entry).data ?? [])
      .filter(({ pricing }) => isZeroPriced(pricing))
      .map(({ id }) => id),
  ),
});

function pricesIn(listed: readonly unknown[]): Models['prices'] {
  const priced = listed.flatMap((entry) => modelPricesIn(entry) ?? []);
  const slugs = priced
    .flatMap(({ slug, prices }) => (slug === null ? [] : [[slug, prices] as const]))
    // Several entries may share one: a free variant must not take the place of one that costs.
    .toSorted(([, a], [, b]) => a.rates.completion - b.rates.completion);
  return new Map([...slugs, ...priced.map(({ id, prices }) => [id, prices] as const)]);
}

async function read(url: string): Promise<readonly unknown[]> {
  // oxlint-disable-next-line eslint/no-restricted-globals -- This is a port that calls out.
  const answer = await fetch(url, { signal: AbortSignal.timeout(CALL_MS_MAX) });
  const json = parseJson(await answer.text());
  if (!answer.ok) throw new Error(`The catalogue was answered with ${answer.status}.`);
  return Listed.parse(json.ok ? json.value : null).data;
}

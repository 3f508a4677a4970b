import type { MicroUsd } from '@gateway/worker-utils/money';
import type { Composed, Target } from '../exchange/exchange.ts';
import type { Provider } from '../catalog/providers/provider.ts';
import { providers } from '../catalog/providers/registry.ts';
import type { ChatRequest } from '../request/chat-request.ts';
import { namedModelsOf, type PaidExtra, paidExtrasOf } from '../request/paid-extras.ts';
import { dearestPrices, type ModelPrices, tokenPrices } from './model-prices.ts';
import { requestSizeOf } from './request-size.ts';
import { extrasCostOf, type SurchargeChanges } from './surcharges.ts';
import { noExtras, typicalCostOf, worstCaseOf } from './worst-case.ts';

/** The worst-case cost of an exchange, which is reserved, and its typical cost, which counts within an overdraft. */
export type Estimate = { readonly worstCase: MicroUsd; readonly typicalCost: MicroUsd };

/** The model prices of a catalogue. */
export type PriceList = {
  readonly of: (model: string) => ModelPrices | null;
  /** Empty if the catalogue has never been read. */
  readonly all: () => readonly ModelPrices[];
};

type Asked = {
  readonly arrival: Pick<Composed['arrival'], 'bodyBytes'>;
  readonly chat: ChatRequest;
  readonly model: Pick<Composed['model'], 'resolved'>;
  readonly calls: readonly [FirstCall, ...unknown[]];
};
type FirstCall = { readonly target: { readonly provider: Target['provider'] } };

/**
 * What an exchange may cost, and what it costs as a rule. Where it is not certain which model answers, the dearest of those that
 * may: of all that its request names, or, where one of them has no price of its own, of the whole catalogue.
 */
export function estimateOf(
  { arrival, chat, model, calls }: Asked,
  prices: PriceList,
  changes: SurchargeChanges,
): Estimate {
  const size = requestSizeOf(chat, arrival.bodyBytes);
  const tariff = tariffAt(calls[0].target.provider);
  const extras = tariff ? [] : [...paidExtrasOf(chat), ...panelsIn(chat)];
  const request = {
    size,
    extras: tariff ? noExtras : extrasCostOf(chat, extras, { files: size.files, changes }),
  };
  const models = tariff
    ? [tariff]
    : pricesOf([model.resolved, ...namedModelsOf(chat), ...extras.flatMap(namedIn)], prices);
  return {
    worstCase: worstCaseOf(request, models),
    typicalCost: typicalCostOf(request, models),
  };
}

/** A model name can also request a panel of models. */
const panelsIn = (chat: ChatRequest): readonly PaidExtra[] =>
  namedModelsOf(chat)
    .filter((name) => name.toLowerCase().startsWith('openrouter/fusion'))
    .map(() => ({ kind: 'fusion', field: 'model', models: [], settings: {} }));

/** The fixed price of a provider whose answers report no cost. It overrides the catalogue. */
function tariffAt(id: Target['provider']): ModelPrices | null {
  if (id === 'custom') return null;
  const { tariff }: Provider = providers[id];
  if (!tariff) return null;
  const { prompt, completion, contextTokens } = tariff;
  return tokenPrices({ prompt: prompt / 1e6, completion: completion / 1e6 }, contextTokens);
}

/** These choose a model themselves when their settings name none. */
const CHOOSERS: ReadonlySet<PaidExtra['kind']> = new Set([
  'preset',
  'router',
  'fusion',
  'subagent',
]);
const ANY = '';

const namedIn = ({ kind, models }: PaidExtra): readonly string[] =>
  CHOOSERS.has(kind) && models.length === 0 ? [ANY] : models;

/** A request with more names counts as one for any model. */
const NAMES_MAX = 100;

function pricesOf(names: readonly string[], prices: PriceList): readonly ModelPrices[] {
  const few = names.length > NAMES_MAX ? [ANY] : names;
  const known = few.map((name) => prices.of(name.trim().toLowerCase()));
  const certain = known.filter((one) => one !== null);
  if (certain.length === known.length) return certain;
  const all = prices.all();
  return all.length > 0 ? all : [dearestPrices];
}

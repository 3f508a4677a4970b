import { isDeepStrictEqual } from 'node:util';
import type { Delivered } from '@gateway/local/simulator/log';

// What a provider was sent, judged by what it would have run and billed.

type Fields = Readonly<Record<string, unknown>>;
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const fieldsIn = (value: unknown): Fields => (isFields(value) ? value : {});
const listIn = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Models that the house pays for, as their providers know them, with the hosts that we name. */
const SPONSORED: ReadonlyMap<string, readonly string[]> = new Map([
  ['minimax/minimax-m2.5', ['minimax']],
  ['ep-20260109111813-hztxv', ['stealth']],
  ['corethink', ['corethink']],
]);
const HOST_CHOICES = ['order', 'only', 'ignore', 'sort', 'quantizations', 'max_price'] as const;

/**
 * What a request that nobody pays for has bought, as sentences. A sponsored model costs us what its own tokens cost, once, at
 * the usual price, and at hosts that we choose; everything else costs nothing.
 *
 * @param promoted a model that a promotion pays for, in the same way.
 */
export function boughtForNobody(entry: Delivered, promoted: string | null): readonly string[] {
  const { bill, body, cost, model } = entry;
  if (!bill || !body) return [];
  const extras = bill.bought
    .filter(({ usd, models, turns }) => usd > 0 || turns > 0 || models.length > 0)
    .map(({ kind }) => `${kind} for ${model}`);
  const hosts = model === promoted ? ['amazon-bedrock', 'anthropic'] : SPONSORED.get(model);
  if (!hosts) return cost === 0 ? extras : [...extras, `${model} cost $${cost}`];
  const provider = fieldsIn(body['provider']);
  const chosen = HOST_CHOICES.filter((name) => {
    const value = provider[name];
    const isOurs =
      listIn(value).length > 0 && listIn(value).every((one) => hosts.includes(String(one)));
    const isCheaper = name === 'max_price' || value === 'price';
    return (
      value !== undefined &&
      value !== null &&
      !isDeepStrictEqual(value, []) &&
      !isOurs &&
      !isCheaper
    );
  });
  return [
    ...extras,
    ...chosen.map((name) => `provider.${name} for ${model}`),
    ...(bill.model === model || cost === 0 ? [] : [`${bill.model} in the place of ${model}`]),
    ...(bill.factor > 1 ? [`a dearer tier for ${model}`] : []),
    ...(Number(body['n'] ?? 1) > 1 ? [`${String(body['n'])} answers of ${model}`] : []),
  ];
}

/** Empty lists allow everything, as an organization's do. */
export type Rules = { readonly models: readonly string[]; readonly hosts: readonly string[] };

/** What an organization with these rules forbids, of all that a provider was sent, as sentences. */
export function forbiddenIn({ bill, body }: Delivered, rules: Rules): readonly string[] {
  if (!bill || !body) return [];
  const models = [body.model, bill.model, ...bill.bought.flatMap((bought) => bought.models)];
  return [
    ...[...models, ...namesIn(body)].flatMap((name) =>
      allowsModel(rules, name) ? [] : [`the model ${name}`],
    ),
    ...bill.bought.flatMap(({ kind, engine }) =>
      allowsEngine(rules, engine) ? [] : [`${kind} by ${engine}`],
    ),
    ...(rules.hosts.length === 0 ? [] : forbiddenHostsIn(body, rules)),
  ];
}

function allowsModel({ models }: Rules, name: string): boolean {
  if (models.length === 0) return true;
  const [id = ''] = name.trim().toLowerCase().split(':', 1);
  const [maker = '', ...rest] = id.split('/');
  // Vercel spells some makers in another way.
  const makers = maker === 'zai' ? ['z-ai'] : [maker];
  return makers.some(
    (one) => models.includes([one, ...rest].join('/')) || models.includes(`${one}/*`),
  );
}

/** An engine that nobody knows may be anything, and run anything. */
const allowsEngine = ({ hosts }: Rules, engine: string | null): boolean =>
  engine === null || (engine !== 'unknown' && (hosts.length === 0 || hosts.includes(engine)));

function forbiddenHostsIn(body: Fields, { hosts }: Rules): readonly string[] {
  const vercel = fieldsIn(fieldsIn(body['providerOptions'])['gateway']);
  const isAtVercel = vercel['zeroDataRetention'] !== undefined || vercel['only'] !== undefined;
  const { only, order } = isAtVercel ? vercel : fieldsIn(body['provider']);
  const named = [...listIn(only), ...listIn(order)].map((name) => String(name).toLowerCase());
  return [
    ...(listIn(only).length === 0 ? ['any host'] : []),
    ...named.flatMap((name) =>
      hosts.some((host) => isAtHost(name, isAtVercel ? vercelName(host) : host))
        ? []
        : [`the host ${name}`],
    ),
  ];
}

const isAtHost = (name: string, host: string): boolean =>
  name.replaceAll(/[ .]/g, '-') === host || name.startsWith(`${host}/`);
const vercelName = (host: string): string =>
  ({ 'amazon-bedrock': 'bedrock', 'z-ai': 'zai' })[host] ?? host;

const NAMING = /^(?:model|models|.*_models|fallbacks)$/;
/** What they name is text, or is not to be run. */
const SILENT =
  /^(?:messages|metadata|user|trace|session_id|logit_bias|excluded_models|response_format|prompt|prediction|function)$/;

/** Every name of a model, wherever it stands. */
function namesIn(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(namesIn);
  const fields = fieldsIn(value);
  // A plugin that is switched off runs nothing.
  if (fields['enabled'] === false) return [];
  return Object.entries(fields).flatMap(([field, part]) => {
    if (SILENT.test(field)) return [];
    const named = NAMING.test(field)
      ? [part].flat().filter((name) => typeof name === 'string')
      : [];
    return [...named, ...namesIn(part)];
  });
}

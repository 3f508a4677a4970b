import { vercelModelOf } from '../catalog/transforms/vercel-model.ts';
import { isFreeAtOpenRouter, type Model } from '../catalog/models/catalogue.ts';
import { type ChatRequest, isRecord } from '../request/chat-request.ts';
import { isUnaskedParser, paidExtrasOf } from '../request/paid-extras.ts';
import { namesIn } from '../request/provider-names.ts';
import { preferredModels } from '../catalog/models/preferred.ts';

/** Recent calls to a provider on the platform account, without failures that a client caused. */
type Calls = { readonly attempts: number; readonly failed: number };
export type GatewayHealth = Readonly<Record<'openrouter' | 'vercel', Calls>>;

const noCalls: Calls = { attempts: 0, failed: 0 };
/** Treated as healthy. */
export const unknownHealth: GatewayHealth = { openrouter: noCalls, vercel: noCalls };

/** In percent. Enough to measure how Vercel performs. */
const SHARE = 10;
/** Applies when OpenRouter fails and Vercel does not. The rest still goes to OpenRouter, to detect its recovery. */
const FAILOVER_SHARE = 90;

const FAILING_RATE = 0.5;
/** With fewer calls, a single failure after a quiet night would move nearly all traffic. */
const ATTEMPTS_MIN = 20;

/** The number of buckets, out of 100, that Vercel serves. */
export const vercelShareOf = ({ openrouter, vercel }: GatewayHealth): number =>
  errorRateOf(openrouter) > FAILING_RATE && errorRateOf(vercel) < FAILING_RATE
    ? FAILOVER_SHARE
    : SHARE;

export const isFailover = (health: GatewayHealth): boolean =>
  vercelShareOf(health) === FAILOVER_SHARE;

const errorRateOf = ({ attempts, failed }: Calls): number =>
  attempts < ATTEMPTS_MIN ? 0 : failed / attempts;

/**
 * Whether Vercel's gateway serves a share of the requests for a model, to measure both gateways. The makers with the most
 * traffic stay at OpenRouter.
 */
export function isSplit({ resolved }: Model): boolean {
  const isOpenWeights = resolved.startsWith('openai/gpt-oss');
  if (resolved.startsWith('anthropic/')) return false;
  if (resolved.startsWith('openai/') && !isOpenWeights) return false;
  return preferredModels.includes(resolved);
}

/** Whether OpenRouter and Vercel's gateway are both likely to serve a model on the platform account. */
export function isOnBothGateways(model: Model): boolean {
  const { resolved, sponsored } = model;
  if (resolved.startsWith('openrouter/')) return false;
  // Vercel would charge for it, and no caller pays for a free model.
  if (isFreeAtOpenRouter(model)) return false;
  // Vercel does not know the required inference providers.
  if (sponsored?.state === 'offered' && sponsored.requiredProviders.length > 0) return false;
  if (sponsored?.state === 'offered' && sponsored.provider !== 'openrouter') return false;
  // Variants such as `:nitro` exist only at OpenRouter.
  return !vercelModelOf(model).includes(':');
}

/**
 * Whether Vercel may answer a request, as the first target or as a fallback: never where the request uses a feature that only
 * OpenRouter has.
 * @param provider the request's `provider`, within the rules of its organisation.
 */
export function mayVercelAnswer(
  { model, chat }: { readonly model: Model; readonly chat: ChatRequest },
  provider: unknown,
): boolean {
  if (!isOnBothGateways(model)) return false;
  if (isRecord(provider) && !Object.entries(provider).every(doesVercelKeep)) return false;
  if (paidExtrasOf(chat).some((extra) => !isUnaskedParser(extra))) return false;
  return !isSet(chat['plugins']) && !isSet(chat['models']);
}

/** Whether Vercel honours a field of `provider`. Unknown fields count as not honoured. */
function doesVercelKeep([name, value]: readonly [string, unknown]): boolean {
  if (value === undefined || value === null) return true;
  switch (name) {
    case 'only':
      // Vercel cannot select a part of a provider, such as a region.
      return Array.isArray(value) && namesIn(value).every((provider) => !provider.includes('/'));
    case 'order':
    case 'zdr':
      return true;
    case 'allow_fallbacks':
      return value === true;
    case 'data_collection':
      return value === 'allow';
    default:
      return !isSet(value);
  }
}

const isSet = (value: unknown): boolean =>
  Array.isArray(value) ? value.length > 0 : Boolean(value);

import type { OrganizationContext } from '../exchange/caller.ts';
import type { Model } from '../catalog/models/catalogue.ts';
import { vercelNameOf } from '../exchange/byok-credentials.ts';
import type { ByokProvider } from '../exchange/byok-key.ts';
import { vercelProviderOf } from '../catalog/providers/vercel-names.ts';

/** Where an organisation's requests may go, in OpenRouter's words. */
export type ProviderPreferences = {
  readonly only?: readonly string[];
  readonly data_collection?: 'allow' | 'deny';
};

type Rules = Pick<OrganizationContext, 'plan' | 'settings'>;

/** Allow lists are part of the enterprise plan; on others they may be stored, but don't count. An empty one allows all. */
export function allowsModel({ plan, settings }: Rules, { base, sponsored }: Model): boolean {
  if (plan !== 'enterprise') return true;
  const { modelAllowList: models, providerAllowList: allowed } = settings;
  const maker = base.split('/', 1)[0] ?? '';
  // Lists hold base ids: allowing a model allows its variants.
  const isListed = models.includes(base) || models.includes(`${maker}/*`);
  if (models.length > 0 && !isListed) return false;
  const required = sponsored?.requiredProviders ?? [];
  return allowed.length === 0 || required.every((provider) => allowed.includes(provider));
}

/** A BYOK key reaches only its own provider, so the allow list must name that provider. */
export function allowsKey({ plan, settings }: Rules, provider: ByokProvider): boolean {
  const { providerAllowList: allowed } = settings;
  if (plan !== 'enterprise' || allowed.length === 0) return true;
  return allowed.map(vercelProviderOf).includes(vercelNameOf(provider));
}

/** What the client's `provider` must stay within (`mergedPreferences`). Null: no rule. */
export function preferencesOf({ plan, settings }: Rules): ProviderPreferences | null {
  const { providerAllowList: only, dataCollection: data_collection } = settings;
  const restricts = plan === 'enterprise' && only.length > 0;
  if (!restricts && data_collection === null) return null;
  return {
    ...(restricts && { only }),
    ...(data_collection !== null && { data_collection }),
  };
}

import { err, ok, type Result } from '@gateway/worker-utils/result';
import { z } from 'zod';
import { type ModelEntry, ModelList } from '../models/model-entry.ts';
import { offeredModels } from '../models/offered-models.ts';
import { type ProviderEntry, ProviderList } from '../models/provider-entry.ts';
import type { Refusal } from '../../exchange/refusal.ts';
import type { Credentials, UserNeeds } from '../../pipeline/stages/identify.ts';
import { knownUser } from './account.ts';
import { endpoint } from './endpoint.ts';

export type ModelNeeds = UserNeeds & {
  readonly catalogue: {
    readonly models: () => Promise<readonly ModelEntry[]>;
    /** Null: nobody has ever told. */
    readonly providers: () => Promise<readonly ProviderEntry[] | null>;
  };
  /** Who serves which models, as the host application stores it. Null: it never has. */
  readonly providersModels: { readonly current: () => Promise<unknown> };
};

const listOf = (entries: readonly ModelEntry[]): z.output<typeof ModelList> => ({
  data: [...entries],
  links: { next: null },
  total_count: entries.length,
});

/** A list is the same for all who act for nobody but themselves: then nobody is asked who they are. */
export const models = endpoint({
  paths: ['/api/openrouter/models', '/api/gateway/models', '/api/v1/models'],
  summary: 'The models that the caller may ask for, the recommended ones first',
  readers: 'everybody',
  answer: ModelList,
  async respond(asked, needs: ModelNeeds) {
    return (await isForOrganization(asked, needs))
      ? modelsOfMember(asked, needs)
      : ok(listOf(offeredModels(await needs.catalogue.models(), null)));
  },
});

export const organizationModels = endpoint({
  paths: ['/api/organizations/{organization}/models'],
  summary: 'The models that a member of an organization may ask for, its own among them',
  readers: 'users',
  answer: ModelList,
  respond: modelsOfMember,
});

const Mode = z.object({ id: z.string() });

/** Modes are kept with the client: an organization has none to tell. */
export const organizationModes = endpoint({
  paths: ['/api/organizations/{organization}/modes'],
  summary: 'The modes that an organization gives its members',
  readers: 'users',
  answer: z.object({ modes: z.array(Mode) }),
  async respond(asked, needs: UserNeeds) {
    const member = await knownUser(asked, needs);
    return member.ok ? ok({ modes: [] }) : member;
  },
});

export const providers = endpoint({
  paths: ['/api/openrouter/providers', '/api/gateway/providers', '/api/v1/providers'],
  summary: 'Who runs models behind the upstream',
  readers: 'everybody',
  answer: ProviderList,
  async respond(_asked, { catalogue }: ModelNeeds) {
    const known = await catalogue.providers();
    return known ? ok({ data: [...known] }) : err({ kind: 'unavailable' });
  },
});

export const modelsByProvider = endpoint({
  paths: [
    '/api/openrouter/models-by-provider',
    '/api/gateway/models-by-provider',
    '/api/v1/models-by-provider',
  ],
  summary: 'Who serves which models, as the host application has found out',
  readers: 'everybody',
  answer: z.unknown(),
  async respond(_asked, { providersModels }: ModelNeeds) {
    const known = await providersModels.current();
    return known === null ? err({ kind: 'unavailable' }) : ok(known);
  },
});

async function isForOrganization(
  { bearer, organization }: Credentials,
  { tokens }: UserNeeds,
): Promise<boolean> {
  if (bearer === null) return false;
  if (organization !== null) return true;
  return (await tokens.verify(bearer))?.organizationId !== undefined;
}

async function modelsOfMember(
  asked: Credentials,
  needs: ModelNeeds,
): Promise<Result<z.output<typeof ModelList>, Refusal>> {
  const member = await knownUser(asked, needs);
  if (!member.ok) return member;
  const { organization, customLlms } = member.value.snapshot;
  const reader = organization && { organization, customLlms };
  return ok(listOf(offeredModels(await needs.catalogue.models(), reader)));
}

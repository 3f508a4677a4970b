import { type MicroUsd, usdOf } from '@gateway/worker-utils/money';
import type { UserId } from '@gateway/worker-utils/ids';
import { err, ok, type Result } from '@gateway/worker-utils/result';
import { z } from 'zod';
import { offeredModels } from '../models/offered-models.ts';
import { spendableOf } from '../../policy/spendable.ts';
import type { Refusal } from '../../exchange/refusal.ts';
import { type Credentials, type UserNeeds, userOf } from '../../pipeline/stages/identify.ts';
import { endpoint } from './endpoint.ts';

/** What a client shows of its user. Null: there is no such user. */
export type Profiles = {
  readonly of: (user: UserId) => Promise<Result<Profile | null, 'unavailable'>>;
};
type Profile = {
  readonly name: string;
  readonly email: string;
  readonly image: string;
  readonly organizations: readonly {
    readonly id: string;
    readonly name: string;
    readonly role: string;
    readonly balance: MicroUsd;
  }[];
};

export type AccountNeeds = UserNeeds & { readonly profiles: Profiles };

const usd = z.number().describe('USD');
const User = z.object({
  id: z.string(),
  name: z.string(),
  email: z.string(),
  image: z.string().nullable(),
});
const Organization = z.object({
  id: z.string(),
  name: z.string(),
  role: z.string(),
  balance: usd,
});

/** The user behind a token, or why there is none. */
export async function knownUser(
  asked: Credentials,
  needs: UserNeeds,
): Promise<Result<Extract<Awaited<ReturnType<typeof userOf>>, { ok: true }>['value'], Refusal>> {
  const user = await userOf(asked, needs);
  if (user.ok) return user;
  return err({ kind: user.error === 'unavailable' ? 'unavailable' : 'token-required' });
}

async function profileOf(
  asked: Credentials,
  needs: AccountNeeds,
): Promise<Result<Profile & { readonly id: string }, Refusal>> {
  const user = await knownUser(asked, needs);
  if (!user.ok) return user;
  const profile = await needs.profiles.of(user.value.id);
  if (!profile.ok) return err({ kind: 'unavailable' });
  const { id } = user.value;
  return profile.value ? ok({ id, ...profile.value }) : err({ kind: 'token-required' });
}

const shownUser = ({ id, name, email, image }: Profile & { readonly id: string }) => ({
  id,
  name,
  email,
  image: image || null,
});

/** The Kilo CLI keeps no session of an account before this has answered. */
export const user = endpoint({
  paths: ['/api/user'],
  summary: 'Who the token stands for',
  readers: 'users',
  answer: User,
  async respond(asked, needs: AccountNeeds) {
    const profile = await profileOf(asked, needs);
    return profile.ok ? ok(shownUser(profile.value)) : profile;
  },
});

export const profile = endpoint({
  paths: ['/api/profile'],
  summary: 'The user, and the organizations that they are a member of',
  readers: 'users',
  answer: z.object({ user: User, organizations: z.array(Organization) }),
  async respond(asked, needs: AccountNeeds) {
    const found = await profileOf(asked, needs);
    if (!found.ok) return found;
    const organizations = found.value.organizations.map(({ balance, ...organization }) => ({
      ...organization,
      balance: usdOf(balance),
    }));
    return ok({ user: shownUser(found.value), organizations });
  },
});

export const balance = endpoint({
  paths: ['/api/profile/balance'],
  summary: 'What the user may still spend; of the organization, where one is named',
  readers: 'users',
  answer: z.object({ balance: usd }),
  async respond(asked, needs: UserNeeds) {
    const found = await knownUser(asked, needs);
    return found.ok ? ok({ balance: usdOf(spendableOf(found.value.snapshot)) }) : found;
  },
});

const Defaults = z.object({ defaultModel: z.string(), defaultFreeModel: z.string() });
const houseDefaults = { defaultModel: 'kilo/auto', defaultFreeModel: 'kilo/auto-free' };

export const defaults = endpoint({
  paths: ['/api/defaults'],
  summary: 'The models that a client begins with',
  readers: 'everybody',
  answer: Defaults,
  respond: async () => ok(houseDefaults),
});

/** The first that its members may use, of what is recommended. */
export const organizationDefaults = endpoint({
  paths: ['/api/organizations/{organization}/defaults'],
  summary: 'The models that a member of an organization begins with',
  readers: 'users',
  answer: Defaults,
  async respond(asked, needs: UserNeeds) {
    const found = await knownUser(asked, needs);
    if (!found.ok) return found;
    const { organization, customLlms } = found.value.snapshot;
    const offered = offeredModels([], organization && { organization, customLlms });
    const { defaultModel, defaultFreeModel } = houseDefaults;
    const first = (wanted: string, isFree: boolean): string =>
      offered.find(({ id }) => id === wanted)?.id ??
      offered.find((entry) => !isFree || entry.isFree)?.id ??
      wanted;
    return ok({
      defaultModel: first(defaultModel, false),
      defaultFreeModel: first(defaultFreeModel, true),
    });
  },
});

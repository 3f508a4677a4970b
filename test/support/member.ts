import { randomUUID } from 'node:crypto';
import { plant } from '@gateway/db/seed';
import { tokenFor } from '@gateway/local/stack/tokens';
import { TOKEN_SECRET, type World } from './world.ts';

type Terms = {
  /** In dollars: what it has, and below what it wants to hear of it. */
  readonly usd: number;
  readonly minimum?: number;
  readonly emails?: readonly string[];
  readonly name?: string;
  readonly plan?: 'teams' | 'enterprise';
  /** Beside those about its balance. */
  readonly settings?: object;
};
export type Member = Awaited<ReturnType<World['newcomer']>> & { readonly organization: string };

/** A new member of a new organisation, with a token that acts for it. */
export async function memberOf(world: World, terms: Terms): Promise<Member> {
  const { usd, minimum = 0, emails = [], name = 'An organisation', plan = 'teams' } = terms;
  const person = await world.newcomer(0);
  const id = randomUUID();
  await plant(world.databaseUrl, {
    organizations: [
      {
        id,
        name,
        plan,
        total_microdollars_acquired: usd * 1_000_000,
        microdollars_balance: usd * 1_000_000,
        settings: {
          minimum_balance: minimum,
          minimum_balance_alert_email: emails,
          ...terms.settings,
        },
      },
    ],
    organization_memberships: [{ organization_id: id, kilo_user_id: person.id, role: 'member' }],
  });
  const claims = { user: person.id, pepper: person.pepper, organization: id };
  return { ...person, organization: id, token: await tokenFor(claims, TOKEN_SECRET) };
}

import { plant } from '@gateway/db/seed';
import { tokenFor } from '@gateway/local/stack/tokens';
import { randomUUID } from 'node:crypto';
import { newcomer, TOKEN_SECRET } from '../support/world.ts';

/** Whose balance an exchange is charged to, and a token of who may spend it. */
export type Payer = {
  readonly kind: 'user' | 'organization';
  readonly id: string;
  readonly token: string;
};

export async function newPayer(
  databaseUrl: string,
  kind: Payer['kind'],
  usd: number,
): Promise<Payer> {
  if (kind === 'user') return { kind, ...(await newcomer(databaseUrl, usd)) };
  const member = await newcomer(databaseUrl, 0);
  const id = randomUUID();
  const amount = usd * 1_000_000;
  const purse = { total_microdollars_acquired: amount, microdollars_balance: amount };
  await plant(databaseUrl, {
    organizations: [{ id, name: 'An organisation', plan: 'teams', ...purse }],
    organization_memberships: [{ organization_id: id, kilo_user_id: member.id, role: 'member' }],
  });
  const claims = { user: member.id, pepper: member.pepper, organization: id };
  return { kind, id, token: await tokenFor(claims, TOKEN_SECRET) };
}

/** What its object is named by. */
export const ledgerNameOf = ({ kind, id }: Payer): string =>
  `${kind === 'user' ? 'user' : 'org'}:${id}`;

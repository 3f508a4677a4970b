import { OrganizationId, UserId } from '@gateway/worker-utils/ids';
import { microUsdOf, zeroMicroUsd } from '@gateway/worker-utils/money';
import { Instant } from '@gateway/worker-utils/time';
import { expect, test } from 'vitest';
import type { Caller, OrganizationContext } from '../exchange/caller.ts';
import { lowOwner } from './low-owner.ts';

const alice = UserId.parse('alice');
const acme = OrganizationId.parse('11111111-1111-4111-8111-111111111111');

type Purse = { readonly usd: number; readonly wantsTopUp?: boolean };
const organizationWith = ({ usd, wantsTopUp = true }: Purse): OrganizationContext => ({
  id: acme,
  role: 'member',
  used: microUsdOf(1),
  acquired: microUsdOf(usd + 1),
  wantsTopUp,
  hasSeats: false,
  dailyLimit: microUsdOf(1),
  usedToday: microUsdOf(1),
  plan: 'teams',
  settings: { modelAllowList: [], providerAllowList: [], dataCollection: null },
});
const caller = ({ usd, wantsTopUp = true }: Purse, organization: Purse | null = null): Caller => ({
  kind: 'user',
  id: alice,
  bot: null,
  tokenSource: null,
  snapshot: {
    user: {
      id: alice,
      email: 'alice@example.com',
      tokenPepper: null,
      isBlocked: false,
      used: zeroMicroUsd,
      acquired: microUsdOf(usd),
      wantsTopUp,
    },
    organization: organization && organizationWith(organization),
    ownKeys: [],
    customLlms: [],
    readAt: Instant.parse(0),
  },
});

test.each<[string, Caller, unknown]>([
  ['a user below $5', caller({ usd: 4.99 }), { kind: 'user', id: alice }],
  ['not one at $5', caller({ usd: 5 }), null],
  ['not one who did not ask for it', caller({ usd: 1, wantsTopUp: false }), null],
  [
    'an organisation below $50, and not its member',
    caller({ usd: 1 }, { usd: 49.99 }),
    { kind: 'organization', id: acme },
  ],
  [
    'not an organisation of which only a member has used up a limit',
    caller({ usd: 1 }, { usd: 50 }),
    null,
  ],
])('more is bought for %s', (_name, someone, owner) => {
  expect(lowOwner(someone)).toEqual(owner);
});

import { MicroUsd } from '@gateway/worker-utils/money';
import type { OrganizationContext, Snapshot } from '../exchange/caller.ts';

/** The payer's remaining balance. May be negative. */
export function spendableOf({ user, organization }: Snapshot): MicroUsd {
  return organization ? ofOrganization(organization) : MicroUsd.parse(user.acquired - user.used);
}

/** A daily limit never lets a member spend more than the organisation has. */
function ofOrganization(organization: OrganizationContext): MicroUsd {
  const { acquired, used, hasSeats, dailyLimit, usedToday } = organization;
  const balance = acquired - used;
  const isLimited = !hasSeats && dailyLimit !== null;
  return MicroUsd.parse(isLimited ? Math.min(dailyLimit - usedToday, balance) : balance);
}

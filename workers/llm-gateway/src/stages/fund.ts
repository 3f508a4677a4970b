import { MicroUsd } from '@gateway/worker-utils/money';
import { ok, type Result } from '@gateway/worker-utils/result';
import type { Caller, OrganizationContext } from '../caller.ts';
import type { Equipped, Funded, Payer } from '../exchange.ts';
import type { Refusal } from '../refusal.ts';

export function fund(exchange: Equipped): Result<Funded, Refusal> {
  return ok({ ...exchange, payer: payerOf(exchange.caller) });
}

function payerOf(caller: Caller): Payer {
  if (caller.kind === 'anonymous') return { kind: 'nobody' };
  const { user, organization } = caller.snapshot;
  return organization
    ? { kind: 'organization', id: organization.id, balance: spendableOf(organization) }
    : { kind: 'user', balance: MicroUsd.parse(user.acquired - user.used) };
}

/** May be negative. A daily limit never lets a member spend more than the organisation has. */
function spendableOf(organization: OrganizationContext): MicroUsd {
  const { acquired, used, hasSeats, dailyLimit, usedToday } = organization;
  const balance = acquired - used;
  const isLimited = !hasSeats && dailyLimit !== null;
  return MicroUsd.parse(isLimited ? Math.min(dailyLimit - usedToday, balance) : balance);
}

import type { CreditOwner } from '../credits/expire-credits.ts';
import { MicroUsd } from '@gateway/worker-utils/money';

/** What is left when the next purchase is made. */
const LOW: Readonly<Record<CreditOwner['kind'], MicroUsd>> = {
  user: MicroUsd.parse(5_000_000),
  organization: MicroUsd.parse(50_000_000),
};

type Purse = { readonly isEnabled: boolean; readonly balance: MicroUsd };

/** Whether an owner who wants to is to buy more. */
export const isTopUpDue = (kind: CreditOwner['kind'], { isEnabled, balance }: Purse): boolean =>
  isEnabled && balance < LOW[kind];

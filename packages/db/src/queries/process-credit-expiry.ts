import type { MicroUsd } from '@gateway/worker-utils/money';
import type { Instant } from '@gateway/worker-utils/time';
import { type CreditOwner, expireCredits } from '../credits/expire-credits.ts';
import type { Database } from '../database.ts';
import { commitCreditExpiry } from './commit-credit-expiry.ts';
import { creditAccount } from './credit-account.ts';

/**
 * Ends what has expired of an owner's credits. The owner's new total of acquired credits; null where nothing had expired,
 * or where somebody else ended it at the same time. Doing it again changes nothing.
 */
export async function processCreditExpiry(
  database: Database,
  owner: CreditOwner,
  cutOff: Instant,
): Promise<MicroUsd | null> {
  const account = await creditAccount(database, owner);
  if (!account || account.nextExpiryAt === null || account.nextExpiryAt > cutOff) return null;
  const expiry = expireCredits(account, cutOff);
  const isOurs = await commitCreditExpiry(database, account, expiry);
  return isOurs && expiry.transactions.length > 0 ? expiry.acquired : null;
}

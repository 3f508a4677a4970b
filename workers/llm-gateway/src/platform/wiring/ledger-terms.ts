import { microUsdOf } from '@gateway/worker-utils/money';
import { z } from 'zod';
import type { Terms } from '../../billing/ledger/admission.ts';

/** Made once, as in `lease.ts`. */
const Count = z.coerce.number().int().positive();
const Usd = z.coerce.number().nonnegative().max(1_000_000);

/** What an operator allows each payer. */
export const ledgerTermsIn = ({ LEDGER_MEMBER_RUNNING_MAX, LEDGER_OVERDRAFT_USD }: Env): Terms => ({
  memberRunningMax: Count.parse(LEDGER_MEMBER_RUNNING_MAX),
  overdraft: microUsdOf(Usd.parse(LEDGER_OVERDRAFT_USD)),
});

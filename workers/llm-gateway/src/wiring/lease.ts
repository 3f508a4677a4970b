import { z } from 'zod';

/** How long a reservation lives without a word from who made it. */
export const leaseMsIn = ({ LEDGER_LEASE_SECONDS }: Env): number =>
  z.coerce.number().positive().parse(LEDGER_LEASE_SECONDS) * 1000;

import { z } from 'zod';

/** Made once: making a schema costs more than all that a request does with it. */
const Seconds = z.coerce.number().positive();

/** How long a reservation lives without a word from who made it. */
export const leaseMsIn = ({ LEDGER_LEASE_SECONDS }: Env): number =>
  Seconds.parse(LEDGER_LEASE_SECONDS) * 1000;

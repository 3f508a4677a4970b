import { z } from 'zod';

/** A moment at which an exchange passes from one part to another. */
export const Crossing = z
  .object({
    payer: z.string(),
    /** Which of the payer's exchanges. Null where a ledger speaks of all of them. */
    exchange: z.string().nullable(),
    place: z.enum(['client', 'gateway', 'ledger', 'clearing', 'provider']),
    port: z.string(),
    phase: z.enum(['before', 'after', 'failed']),
  })
  .readonly();
export type Crossing = z.infer<typeof Crossing>;

/**
 * `lost`: the call has been made, but its answer does not arrive. A message to a ledger may also arrive `twice`, or once more
 * when all that followed from it is long over (`again`).
 */
export const Verdict = z.enum(['go', 'lost', 'twice', 'again']);
export type Verdict = z.infer<typeof Verdict>;

import { z } from 'zod';

/** Where the database is, as the platform names regions. Objects that ask it more often than anybody asks them live there. */
export const LocationHint = z
  .enum(['wnam', 'enam', 'sam', 'weur', 'eeur', 'apac', 'oc', 'afr', 'me'])
  .or(z.literal('').transform(() => null));
export type LocationHint = z.infer<typeof LocationHint>;

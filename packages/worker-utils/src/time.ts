import { z } from 'zod';

/** Milliseconds since the epoch, read from a Clock. */
export const Instant = z.int().nonnegative().brand<'Instant'>();
export type Instant = z.infer<typeof Instant>;

/** Time is an argument: only an adapter reads the machine's. */
export type Clock = { readonly now: () => Instant };

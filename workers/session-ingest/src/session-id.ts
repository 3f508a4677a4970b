import { z } from 'zod';

/** Of characters that Postgres, a path and an object's name can all hold: printable ASCII. */
export const SessionId = z
  .string()
  .startsWith('ses_')
  .length(30)
  .regex(/^[\x20-\x7e]*$/)
  .brand<'SessionId'>();
export type SessionId = z.infer<typeof SessionId>;

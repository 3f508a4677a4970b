import { z } from 'zod';

/** Printable ASCII: Postgres takes no NUL, and no header or line of a log is broken by one. */
export const SessionId = z
  .string()
  .startsWith('ses_')
  .length(30)
  .regex(/^[\x20-\x7e]*$/)
  .brand<'SessionId'>();
export type SessionId = z.infer<typeof SessionId>;

import { z } from 'zod';

export const SessionId = z.string().startsWith('ses_').length(30).brand<'SessionId'>();
export type SessionId = z.infer<typeof SessionId>;

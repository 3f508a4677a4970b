import type { UserId } from '@gateway/worker-utils/ids';
import type { SessionId } from './session-id.ts';

/** Two users may have sessions of the same id: a session is never named without its owner. */
export type SessionKey = { readonly user: UserId; readonly session: SessionId };

/** Names the object of a session. All ids of sessions have one length: no two keys make one name, whatever slashes they hold. */
export const objectNameOf = ({ user, session }: SessionKey): string => `${user}/${session}`;

import type { ChatRequest } from '../../request/chat-request.ts';
import { type HashPepper, providerHash } from '../providers/identifiers.ts';

type Identity = {
  readonly provider: HashPepper;
  readonly user: string;
  readonly task: string | null;
};

/** Pseudonyms for the caller: what the upstream bans, caches or groups by. A client can't choose another's. */
export async function withPseudonyms(
  chat: ChatRequest,
  { provider, user, task }: Identity,
): Promise<ChatRequest> {
  const pseudonym = await providerHash(provider, user);
  const key = task ?? chat['prompt_cache_key'];
  const session = chat['session_id'];
  return {
    ...chat,
    ...(typeof key === 'string' && { prompt_cache_key: await providerHash(provider, user + key) }),
    ...(typeof session === 'string' && {
      session_id: await providerHash(provider, user + session),
    }),
    safety_identifier: pseudonym,
    user: pseudonym,
  };
}

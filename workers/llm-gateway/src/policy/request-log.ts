import type { Caller } from '../exchange/caller.ts';

/** Staff accounts: their requests are logged in full for debugging. Requests of other users never are. */
const DOMAINS = ['@kilo.ai', '@kilocode.ai'];
const ORGANIZATION = '9d278969-5453-4ae3-a51f-a8d2274a7b56';

export function isKeptWhole(caller: Caller): boolean {
  if (caller.kind === 'anonymous') return false;
  const { user, organization } = caller.snapshot;
  const email = user.email.toLowerCase();
  return organization?.id === ORGANIZATION || DOMAINS.some((domain) => email.endsWith(domain));
}

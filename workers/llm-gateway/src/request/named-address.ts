import { timingSafeEqual } from '@gateway/worker-utils/timing-safe-equal';
import { canonicalAddress, ClientAddress } from './client-address.ts';

/** Carries the end user's address, set by a trusted server that calls for many users. */
const ADDRESS_HEADER = 'x-gateway-client-address';
/** Proves that the server may do so: the value of `CLIENT_ADDRESS_SECRET`. */
const SECRET_HEADER = 'x-gateway-client-address-secret';
/** Never forwarded upstream. */
export const NAMED_ADDRESS_HEADERS = [ADDRESS_HEADER, SECRET_HEADER] as const;

export type NamedAddressNeeds = {
  /** Null: no server may name an address. */
  readonly addressSecret: () => Promise<string | null>;
};

/**
 * The address that a trusted server names for its end user, in its one canonical form; its `address` is null where what was
 * named is no address, and must not be replaced by the server's own. Null: no trusted server names one.
 */
export async function namedAddressOf(
  headers: Headers,
  { addressSecret }: NamedAddressNeeds,
): Promise<{ readonly address: ClientAddress | null } | null> {
  const named = headers.get(ADDRESS_HEADER);
  const given = headers.get(SECRET_HEADER);
  if (named === null || given === null) return null;
  const secret = await addressSecret();
  if (secret === null || !(await timingSafeEqual(given.trim(), secret.trim()))) return null;
  const parsed = ClientAddress.safeParse(named.trim());
  return { address: parsed.success ? canonicalAddress(parsed.data) : null };
}

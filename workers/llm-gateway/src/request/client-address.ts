import { z } from 'zod';

/** A network address that the platform vouches for. */
export const ClientAddress = z.union([z.ipv4(), z.ipv6()]).brand<'ClientAddress'>();
export type ClientAddress = z.infer<typeof ClientAddress>;

/**
 * Where a client's address is read. No other source is a fallback, because every other header is the client's to forge:
 * - `cloudflare`: `CF-Connecting-IP`, set by Cloudflare's edge.
 * - `socket`: the peer of the connection.
 * - `forwarded`: the last element of `X-Forwarded-For`, set by the one proxy in front.
 * - `local`: `forwarded` when the header is there, the socket otherwise. For a developer's machine only.
 */
export const AddressSource = z.enum(['cloudflare', 'socket', 'forwarded', 'local']);
export type AddressSource = z.infer<typeof AddressSource>;

type Peer = { readonly headers: Headers; readonly socketAddress: string | null };

export function clientAddressOf(peer: Peer, source: AddressSource): ClientAddress | null {
  const parsed = ClientAddress.safeParse(readFrom(peer, source));
  return parsed.success ? parsed.data : null;
}

function readFrom({ headers, socketAddress }: Peer, source: AddressSource): string | null {
  const forwarded = () => headers.get('x-forwarded-for')?.split(',').at(-1)?.trim() || null;
  switch (source) {
    case 'cloudflare':
      return headers.get('cf-connecting-ip');
    case 'socket':
      return withoutPort(socketAddress);
    case 'forwarded':
      return forwarded();
    case 'local':
      return forwarded() ?? withoutPort(socketAddress);
  }
}

const withoutPort = (address: string | null): string | null =>
  address?.replace(/:\d+$/, '').replace(/^\[(?<inner>.*)\]$/, '$<inner>') ?? null;

/**
 * The key for limits and anonymous ids. A whole IPv6 /64 counts as one caller, because providers assign one to each customer;
 * an IPv4-mapped IPv6 address counts as its IPv4 address.
 */
export function addressKey(address: ClientAddress): string {
  const canonical = canonicalAddress(address);
  if (!canonical.includes(':')) return canonical;
  const network = groupsOf(canonical)
    .slice(0, 4)
    .map((group) => group.toString(16));
  return `${network.join(':')}::/64`;
}

/** The one form of an address: IPv6 compressed (RFC 5952), and an IPv4 address that is written as IPv6 as IPv4. */
export function canonicalAddress(address: ClientAddress): ClientAddress {
  if (!address.includes(':')) return address;
  const groups = groupsOf(address);
  const isMappedIpv4 = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  if (!isMappedIpv4) return ClientAddress.parse(compressed(address));
  const [high = 0, low = 0] = groups.slice(6);
  return ClientAddress.parse([high >> 8, high & 0xff, low >> 8, low & 0xff].join('.'));
}

const compressed = (address: ClientAddress): string =>
  new URL(`http://[${address}]`).hostname.slice(1, -1);

/** The eight 16-bit groups. `URL` writes an address in its one canonical, compressed form. */
function groupsOf(address: ClientAddress): readonly number[] {
  const canonical = compressed(address);
  const [before = [], after = []] = canonical.split('::').map(numbersIn);
  const zeros = canonical.includes('::') ? 8 - before.length - after.length : 0;
  return [...before, ...Array.from({ length: zeros }, () => 0), ...after];
}

const numbersIn = (groups: string): readonly number[] =>
  groups.split(':').flatMap((hex) => (hex === '' ? [] : [parseInt(hex, 16)]));

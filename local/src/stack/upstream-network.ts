import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';

// What workers may reach. The public network always. Of this machine and its private network nothing, but what an operator
// has configured: a request must not make a worker talk to the database, the router or a cloud's metadata service.

/** As workerd's `network` takes it: `public`, and one block for each address that is needed. */
export async function allowedNetwork(
  urls: readonly string[],
  resolve: Resolve = lookupAll,
): Promise<readonly string[]> {
  const hosts = new Set(urls.flatMap((url) => hostOf(url)));
  const found = await Promise.all([...hosts].map((host) => addressesOf(host, resolve)));
  const blocks = found
    .flat()
    .filter(isPrivate)
    .map((address) => `${address}/${isIP(address) === 6 ? 128 : 32}`);
  return ['public', ...new Set(blocks)].toSorted();
}

function hostOf(url: string): readonly string[] {
  if (!/^https?:/i.test(url) || !URL.canParse(url)) return [];
  return [new URL(url).hostname.replace(/^\[|\]$/g, '')];
}

type Resolve = (host: string) => Promise<readonly { readonly address: string }[]>;
const lookupAll: Resolve = (host) => lookup(host, { all: true });

/** None where the name is unknown: the request will say so, better than a start that fails. */
async function addressesOf(host: string, resolve: Resolve): Promise<readonly string[]> {
  try {
    return (await resolve(host)).map(({ address }) => address);
  } catch {
    return [];
  }
}

const privateBlocks = new BlockList();
for (const [net, prefix] of [
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const) {
  privateBlocks.addSubnet(net, prefix, 'ipv4');
}
privateBlocks.addSubnet('fc00::', 7, 'ipv6');
privateBlocks.addSubnet('fe80::', 10, 'ipv6');
privateBlocks.addAddress('::1', 'ipv6');

const isPrivate = (address: string): boolean =>
  privateBlocks.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');

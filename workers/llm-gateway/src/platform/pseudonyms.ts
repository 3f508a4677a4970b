import { hexOf } from '@gateway/worker-utils/hex';
import { AnonymousId } from '@gateway/worker-utils/ids';
import { addressKey, type ClientAddress } from '../request/client-address.ts';
import type { Anonymizer } from '../pipeline/stages/identify.ts';

const HEX_DIGITS = 32;
const encoder = new TextEncoder();

export type Pseudonyms = {
  readonly of: (address: ClientAddress) => Promise<string>;
  readonly anonymizer: Anonymizer;
};

/**
 * Pseudonyms of addresses under a secret: 128 bits that say whether two addresses count as one caller, and nothing else.
 * They name callers without an account, and objects: those names are shown by the platform's tools.
 */
export function addressKeyPseudonyms(secret: () => Promise<string>): Pseudonyms {
  const of = async (address: ClientAddress) => pseudonymOf(await secret(), addressKey(address));
  return {
    of,
    anonymizer: { idOf: async (address) => AnonymousId.parse(`anon:${await of(address)}`) },
  };
}

/** 128 bits that say whether two texts are the same, and nothing else. */
export async function pseudonymOf(secret: string, text: string): Promise<string> {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const bytes = encoder.encode(secret);
  const key = await crypto.subtle.importKey('raw', bytes, algorithm, false, ['sign']);
  const mac = new Uint8Array(await crypto.subtle.sign('HMAC', key, encoder.encode(text)));
  return hexOf(mac).slice(0, HEX_DIGITS);
}

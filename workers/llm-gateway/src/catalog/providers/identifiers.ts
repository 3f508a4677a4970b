import type { Provider } from './provider.ts';

export type HashPepper = Pick<Provider, 'hashPepper'>;

/** How the app introduces itself upstream. OpenRouter knows it by these: never change them. */
export const APP_HEADERS = {
  'HTTP-Referer': 'https://kilocode.ai',
  'X-Title': 'Kilo Code',
} as const;

/** Part of every identifier that an upstream has ever seen of a user: never change it. */
const SALT = 'd20250815';

/** A pseudonym for `payload` that differs from provider to provider: base64 of SHA-256, 44 characters. */
export async function providerHash(provider: HashPepper, payload: string): Promise<string> {
  const text = new TextEncoder().encode(`${SALT}${provider.hashPepper}${payload}`);
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', text));
  return btoa(String.fromCharCode(...digest));
}

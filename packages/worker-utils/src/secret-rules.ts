/** Cloudflare deploys no worker that names a secret which its store does not hold: an absent one has this value. */
const NONE = 'none';
/** 128 bits, where each byte is random. A shorter secret can be guessed offline from one token. */
export const SECRET_BYTES_MIN = 16;
const AES_256_KEY_BYTES = 32;

type SecretRule = {
  readonly isRequired: boolean;
  /** `any`: another service made it, and knows what it is worth. */
  readonly form: 'secret' | 'aes-256-key' | 'any';
};

/** Secrets that are required, or that verify, seal or name something for us. Every other one is optional, and of any form. */
const RULES = new Map<string, SecretRule>([
  ['NEXTAUTH_SECRET_PROD', { isRequired: true, form: 'secret' }],
  ['NEXTAUTH_SECRET_PREVIOUS', { isRequired: false, form: 'secret' }],
  ['ANONYMOUS_ID_SECRET', { isRequired: true, form: 'secret' }],
  ['BYOK_ENCRYPTION_KEY', { isRequired: true, form: 'aes-256-key' }],
  ['BYOK_ENCRYPTION_KEY_PREVIOUS', { isRequired: false, form: 'aes-256-key' }],
  ['OPENROUTER_API_KEY', { isRequired: true, form: 'any' }],
  ['CLIENT_ADDRESS_SECRET', { isRequired: false, form: 'secret' }],
  ['GATEWAY_ADMIN_TOKEN', { isRequired: false, form: 'secret' }],
  ['O11Y_KILO_GATEWAY_CLIENT_SECRET', { isRequired: false, form: 'secret' }],
]);
export const ruledSecretNames: readonly string[] = [...RULES.keys()];

export type SecretFlaw = 'absent' | 'too-short' | 'not-a-key';

/** Whether a value says that there is no secret: nothing, spaces, or `none` in any case. */
export const isAbsent = (value: string | null | undefined): boolean =>
  ['', NONE].includes((value ?? '').trim().toLowerCase());

/** Whether a value can verify or sign anything. Spaces around it, such as a line's end, do not count. */
export const isStrong = (value: string): boolean =>
  !isAbsent(value) && new TextEncoder().encode(value.trim()).byteLength >= SECRET_BYTES_MIN;

/** What is wrong with the value of a secret. Null: nothing, or an optional secret is absent. */
export function secretFlaw(name: string, value: string | null | undefined): SecretFlaw | null {
  const { isRequired, form } = RULES.get(name) ?? { isRequired: false, form: 'any' };
  if (isAbsent(value)) return isRequired ? 'absent' : null;
  switch (form) {
    case 'any':
      return null;
    case 'aes-256-key':
      return isAes256Key(value ?? '') ? null : 'not-a-key';
    case 'secret':
      return isStrong(value ?? '') ? null : 'too-short';
  }
}

/** For operators: what to do about a flaw. It never holds the value. */
export const flawText = (name: string, flaw: SecretFlaw): string =>
  ({
    absent: `${name} is required, and has no value.`,
    'too-short': `${name} is shorter than ${SECRET_BYTES_MIN} bytes.`,
    'not-a-key': `${name} is not ${AES_256_KEY_BYTES} bytes in base64.`,
  })[flaw];

function isAes256Key(value: string): boolean {
  try {
    return atob(value).length === AES_256_KEY_BYTES;
  } catch {
    return false;
  }
}

/** Also used when the gateway cannot decrypt the key: the owner has to do the same about it. */
export const INVALID_BYOK_KEY =
  '[BYOK] Your API key is invalid or has been revoked. Please check your API key configuration.';

/** Advice for callers about their account with a provider, by the status of its refusal. */
export const byokErrors: ReadonlyMap<number, string> = new Map([
  [401, INVALID_BYOK_KEY],
  [
    402,
    '[BYOK] Your API account has insufficient funds. Please check your billing details with your API provider.',
  ],
  [
    403,
    '[BYOK] Your API key does not have permission to access this resource. Please check your API key permissions.',
  ],
  [
    429,
    '[BYOK] Your API key has hit its rate limit. Please try again later or check your rate limit settings with your API provider.',
  ],
]);

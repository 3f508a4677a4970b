import { errors, jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import { StorableText, UserId } from './ids.ts';
import { isStrong } from './secret-rules.ts';
import { err, ok, type Result } from './result.ts';
import type { SecretPair } from './secret-pair.ts';
import type { Instant } from './time.ts';

/** Tokens of another version are refused: their holders sign in again. */
const KILO_TOKEN_VERSION = 3;

const Claims = z.object({
  kiloUserId: UserId,
  /** Copy of the user's pepper when the token was made: changing the user's pepper revokes the token. */
  apiTokenPepper: StorableText.nullish(),
  env: StorableText.optional(),
  botId: StorableText.optional(),
  tokenSource: StorableText.optional(),
  organizationId: StorableText.optional(),
  organizationRole: z.enum(['owner', 'member', 'billing_manager']).optional(),
  internalApiUse: z.boolean().optional(),
  createdOnPlatform: StorableText.optional(),
});

export type KiloTokenClaims = z.infer<typeof Claims>;
export type KiloTokenFlaw = 'expired' | 'outdated' | 'invalid';

/**
 * Checks signature (HS256 only), `exp` and `nbf`, version and shape. It does not know whether the user exists,
 * is blocked, or has changed the pepper since.
 */
export async function verifyKiloToken(
  token: string,
  secrets: SecretPair,
  now: Instant,
): Promise<Result<KiloTokenClaims, KiloTokenFlaw>> {
  const verified = await verifiedWith(await secrets.current(), token, now);
  if (verified) return verified;
  const previous = await secrets.previous();
  const again = previous === null ? null : await verifiedWith(previous, token, now);
  return again ?? err('invalid');
}

/** Null: it was signed with another secret, or this one is too weak to verify anything (`none`, say). */
async function verifiedWith(
  secret: string,
  token: string,
  now: Instant,
): Promise<Result<KiloTokenClaims, KiloTokenFlaw> | null> {
  if (!isStrong(secret)) return null;
  try {
    const { payload } = await jwtVerify(token, keyOf(secret), {
      algorithms: ['HS256'],
      currentDate: new Date(now),
    });
    if (payload['version'] !== KILO_TOKEN_VERSION) return err('outdated');
    const parsed = Claims.safeParse(payload);
    return parsed.success ? ok(parsed.data) : err('invalid');
  } catch (error) {
    if (error instanceof errors.JWSSignatureVerificationFailed) return null;
    return err(error instanceof errors.JWTExpired ? 'expired' : 'invalid');
  }
}

export async function signKiloToken(
  claims: KiloTokenClaims,
  secret: string,
  validity: { readonly now: Instant; readonly expiresInSeconds: number },
): Promise<string> {
  const issuedAt = Math.floor(validity.now / 1000);
  return new SignJWT({ ...claims, version: KILO_TOKEN_VERSION })
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + validity.expiresInSeconds)
    .sign(keyOf(secret));
}

const keyOf = (secret: string): Uint8Array => new TextEncoder().encode(secret);

import { UserId } from '@gateway/worker-utils/ids';
import { signKiloToken } from '@gateway/worker-utils/kilo-token';
import { Instant } from '@gateway/worker-utils/time';
import { people, tokenClaims } from './people.ts';

const DEMO_TOKEN_SECONDS = 5 * 365 * 24 * 60 * 60;

/** A token for each person of the seed, by name. */
export async function tokensOf(secret: string): Promise<Readonly<Record<string, string>>> {
  const signed = await Promise.all(
    people.map(async (name) => [name, await tokenFor(tokenClaims(name), secret)] as const),
  );
  return Object.fromEntries(signed);
}

type Claims = {
  readonly user: string;
  readonly pepper: string | null;
  readonly organization: string | null;
};

export const tokenFor = (
  { user, pepper, organization }: Claims,
  secret: string,
  expiresInSeconds = DEMO_TOKEN_SECONDS,
): Promise<string> =>
  signKiloToken(
    {
      kiloUserId: UserId.parse(user),
      apiTokenPepper: pepper,
      env: 'development',
      ...(organization !== null && { organizationId: organization }),
    },
    secret,
    { now: Instant.parse(Date.now()), expiresInSeconds },
  );

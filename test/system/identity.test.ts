import { run } from '@gateway/db/test-database';
import { UserId } from '@gateway/worker-utils/ids';
import { type KiloTokenClaims, signKiloToken } from '@gateway/worker-utils/kilo-token';
import { Instant } from '@gateway/worker-utils/time';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startWorld, TOKEN_SECRET, type World } from '../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({
    BLACKLIST_DOMAINS: 'evil.example | other.example',
    SNAPSHOT_SECONDS: '0',
  });
});
afterAll(() => world.stop());

const HOUR_S = 3600;
const sign = (claims: Partial<KiloTokenClaims>, options: { secret?: string; agoS?: number } = {}) =>
  signKiloToken({ kiloUserId: UserId.parse('nobody'), ...claims }, options.secret ?? TOKEN_SECRET, {
    now: Instant.parse(Date.now() - (options.agoS ?? 0) * 1000),
    expiresInSeconds: HOUR_S,
  });

/** A user with $10, and tokens for every situation that a token can be in. */
async function tokens() {
  const { id, pepper, token } = await world.newcomer(10);
  const kiloUserId = UserId.parse(id);
  const claims = { kiloUserId, apiTokenPepper: pepper };
  const banned = async (column: string) => {
    const user = await world.newcomer(10);
    await run(world.databaseUrl, `update kilocode_users set ${column} where id = '${user.id}'`);
    return user.token;
  };
  return {
    valid: token,
    'without an environment': await sign(claims),
    absent: undefined,
    'not a token': 'nonsense',
    'signed by somebody else': await sign(claims, { secret: 'another' }),
    expired: await sign(claims, { agoS: 2 * HOUR_S }),
    'of another environment': await sign({ ...claims, env: 'production' }),
    'with an old pepper': await sign({ ...claims, apiTokenPepper: 'old' }),
    'without a pepper': await sign({ kiloUserId }),
    'of nobody': await sign({}),
    'of an organisation of others': await sign({ ...claims, organizationId: crypto.randomUUID() }),
    blocked: await banned(`blocked_reason = 'abuse'`),
    blacklisted: await banned(`google_user_email = 'x-' || id || '@mail.evil.example'`),
  };
}
type Situation = keyof Awaited<ReturnType<typeof tokens>>;

const accepted: readonly Situation[] = ['valid', 'without an environment'];
const banned: readonly Situation[] = ['blocked', 'blacklisted'];
const doubtful: readonly Situation[] = [
  'absent',
  'not a token',
  'signed by somebody else',
  'expired',
  'of another environment',
  'with an old pepper',
  'without a pepper',
  'of nobody',
  'of an organisation of others',
];
const models = {
  paid: 'anthropic/claude-sonnet-4.6',
  'hosted free': 'minimax/minimax-m2.5:free',
  'other free': 'vendor/model:free',
} as const;

const statusOf = async (token: string | undefined, model: string): Promise<number> => {
  const messages = [{ role: 'user', content: 'Hello!' }];
  const response = await world.ask({
    ...(token !== undefined && { token }),
    body: { model, messages },
  });
  await response.text();
  return response.status;
};

describe('a token', () => {
  test.each(accepted)('that is %s opens every model', async (situation) => {
    const { [situation]: token } = await tokens();
    for (const model of Object.values(models)) expect(await statusOf(token, model)).toBe(200);
  });

  test.each(doubtful)(
    'that is %s is as good as none: what is free is served',
    async (situation) => {
      const { [situation]: token } = await tokens();
      expect(await statusOf(token, models.paid)).toBe(401);
      expect(await statusOf(token, models['hosted free'])).toBe(200);
      expect(await statusOf(token, models['other free'])).toBe(200);
    },
  );

  test.each(banned)('of a user that is %s opens nothing', async (situation) => {
    const { [situation]: token } = await tokens();
    for (const model of Object.values(models)) expect(await statusOf(token, model)).toBe(401);
  });

  test('is revoked as soon as the pepper of its user changes and its snapshot is old', async () => {
    const { id, token } = await world.newcomer(10);
    expect(await statusOf(token, models.paid)).toBe(200);
    await run(
      world.databaseUrl,
      `update kilocode_users set api_token_pepper = 'new' where id = '${id}'`,
    );
    expect(await statusOf(token, models.paid)).toBe(401);
  });
});

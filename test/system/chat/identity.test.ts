import { createHmac } from 'node:crypto';
import { run } from '@gateway/db/test-database';
import { UserId } from '@gateway/worker-utils/ids';
import { type KiloTokenClaims, signKiloToken } from '@gateway/worker-utils/kilo-token';
import { Instant } from '@gateway/worker-utils/time';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { memberOf } from '../../support/member.ts';
import { startWorld, TOKEN_SECRET, untilRows, type World } from '../../support/world.ts';

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

/** Our own signer takes no claims that can't be. */
function byHand(claims: object): string {
  const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const text = `${encoded({ alg: 'HS256' })}.${encoded({ ...claims, version: 3 })}`;
  return `${text}.${createHmac('sha256', TOKEN_SECRET).update(text).digest('base64url')}`;
}

/** A user with $10, and everything that can stand in the headers of a request about who sends it. */
async function headersOf() {
  const { id, pepper, token } = await world.newcomer(10);
  const kiloUserId = UserId.parse(id);
  const claims = { kiloUserId, apiTokenPepper: pepper };
  const bearing = (bearer: string, more = {}) => ({ authorization: `Bearer ${bearer}`, ...more });
  const signed = async (own: Partial<KiloTokenClaims>, options = {}) =>
    bearing(await sign(own, options));
  const forOrganization = (organization: string) =>
    bearing(token, { 'x-kilocode-organizationid': organization });
  const banned = async (column: string) => {
    const user = await world.newcomer(10);
    await run(world.databaseUrl, `update kilocode_users set ${column} where id = '${user.id}'`);
    return bearing(user.token);
  };
  const { frank = '', erin = '' } = world.tokens;
  return {
    'a token': bearing(token),
    'a token without an environment': await signed(claims),
    'bearer in lower case': { authorization: `bearer ${token}` },
    'bearer in any case': { authorization: `BeArEr ${token}` },
    nothing: {},
    'an empty header': { authorization: '' },
    'bearer and no token': { authorization: 'Bearer' },
    'two blanks before the token': { authorization: `Bearer  ${token}` },
    'another scheme': { authorization: `Basic ${token}` },
    'a token without a scheme': { authorization: token },
    'what is no token': bearing('nonsense'),
    'a token that somebody else has signed': await signed(claims, { secret: 'another' }),
    'a token that has expired': await signed(claims, { agoS: 2 * HOUR_S }),
    'a token of another environment': await signed({ ...claims, env: 'production' }),
    'a token with an old pepper': await signed({ ...claims, apiTokenPepper: 'old' }),
    'a token without a pepper': await signed({ kiloUserId }),
    'a token of nobody': await signed({}),
    'a user id that no database can hold': bearing(byHand({ ...claims, kiloUserId: `${id}\0` })),
    'a user id with half a character': bearing(byHand({ ...claims, kiloUserId: '\uD800' })),
    'a bot id that no database can hold': bearing(byHand({ ...claims, botId: '\0' })),
    'a token for an organisation of others': await signed({
      ...claims,
      organizationId: crypto.randomUUID(),
    }),
    'an organisation of others': forOrganization(crypto.randomUUID()),
    'what is no organisation': forOrganization('Acme'),
    'a token for another organisation than the header': bearing(erin, {
      'x-kilocode-organizationid': '22222222-2222-4222-8222-222222222222',
    }),
    'a token of a billing manager': bearing(frank),
    'a token of a blocked user': await banned(`blocked_reason = 'abuse'`),
    'a token of a blacklisted user': await banned(
      `google_user_email = 'x-' || id || '@mail.evil.example'`,
    ),
  };
}
type Situation = keyof Awaited<ReturnType<typeof headersOf>>;

const accepted: readonly Situation[] = [
  'a token',
  'a token without an environment',
  'bearer in lower case',
  'bearer in any case',
];
const banned: readonly Situation[] = ['a token of a blocked user', 'a token of a blacklisted user'];
const doubtful: readonly Situation[] = [
  'nothing',
  'an empty header',
  'bearer and no token',
  'two blanks before the token',
  'another scheme',
  'a token without a scheme',
  'what is no token',
  'a token that somebody else has signed',
  'a token that has expired',
  'a token of another environment',
  'a token with an old pepper',
  'a token without a pepper',
  'a token of nobody',
  'a user id that no database can hold',
  'a user id with half a character',
  'a bot id that no database can hold',
  'a token for an organisation of others',
  'an organisation of others',
  'what is no organisation',
  'a token for another organisation than the header',
  'a token of a billing manager',
];
const models = {
  paid: 'anthropic/claude-sonnet-4.6',
  'hosted free': 'minimax/minimax-m2.5:free',
  'other free': 'vendor/model:free',
} as const;

const signIn =
  '401 {"error":{"code":"PAID_MODEL_AUTH_REQUIRED","message":"You need to sign in to use this model."}}';

/** Who was accounted for it, where it was served; what was said, where it was not. */
async function answerTo(headers: Readonly<Record<string, string>>, model: string): Promise<string> {
  const messages = [{ role: 'user', content: 'Hello!' }];
  const response = await world.ask({ headers, body: { model, messages } });
  const text = await response.text();
  if (response.status !== 200) return `${response.status} ${text}`;
  const { generationId } = world.simulator.log().at(-1) ?? {};
  const [row] = await untilRows(
    world.databaseUrl,
    `select kilo_user_id, organization_id from microdollar_usage_view where message_id = '${generationId}'`,
  );
  const { kilo_user_id, organization_id } = Accounted.parse(row);
  const who = kilo_user_id.startsWith('anon:') ? 'nobody' : 'the user';
  return organization_id === null ? who : `${who}, for an organisation`;
}
const Accounted = z.object({ kilo_user_id: z.string(), organization_id: z.string().nullable() });

async function answersTo(situation: Situation): Promise<Readonly<Record<string, string>>> {
  const { [situation]: headers } = await headersOf();
  const answers: [string, string][] = [];
  for (const [name, model] of Object.entries(models)) {
    answers.push([name, await answerTo(headers, model)]);
  }
  return Object.fromEntries(answers);
}

test.each(accepted)('with %s, every model is opened', async (situation) => {
  const user = 'the user';
  expect(await answersTo(situation)).toEqual({
    paid: user,
    'hosted free': user,
    'other free': user,
  });
});

test.each(doubtful)(
  '%s is as good as nobody: what is free is served, and to nobody',
  async (situation) => {
    expect(await answersTo(situation)).toEqual({
      paid: signIn,
      'hosted free': 'nobody',
      'other free': 'nobody',
    });
  },
);

test.each(banned)('%s opens nothing', async (situation) => {
  expect(await answersTo(situation)).toEqual({
    paid: signIn,
    'hosted free': signIn,
    'other free': signIn,
  });
});

test('a token of a member acts for the organisation that it names, and so does a header', async () => {
  const member = await memberOf(world, { usd: 10 });
  const byToken = { authorization: `Bearer ${member.token}` };
  expect(await answerTo(byToken, models.paid)).toBe('the user, for an organisation');
  const named = { ...byToken, 'x-kilocode-organizationid': member.organization.toUpperCase() };
  expect(await answerTo(named, models.paid)).toBe('the user, for an organisation');
});

test('a token is revoked as soon as the pepper of its user changes and its snapshot is old', async () => {
  const { id, token } = await world.newcomer(10);
  expect(await answerTo({ authorization: `Bearer ${token}` }, models.paid)).toBe('the user');
  await run(
    world.databaseUrl,
    `update kilocode_users set api_token_pepper = 'new' where id = '${id}'`,
  );
  expect(await answerTo({ authorization: `Bearer ${token}` }, models.paid)).toBe(signIn);
});

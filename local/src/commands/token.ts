import { parseArgs } from 'node:util';
import { connect, tokenPepper } from '@gateway/db';
import { OrganizationId, UserId } from '@gateway/worker-utils/ids';
import { z } from 'zod';
import { CannotStart } from '../cannot-start.ts';
import { secondsOf } from '../stack/duration.ts';
import { isAlive, recorded } from '../stack/processes.ts';
import { announced } from '../stack/running.ts';
import { secretBook } from '../stack/secrets.ts';
import { tokenFor } from '../stack/tokens.ts';

// `npm run -s token -- --user <id> [--org <uuid>] [--expires-in 1h]`: prints a token, and nothing else.

const USAGE = 'npm run -s token -- --user <id> [--org <uuid>] [--expires-in 30m|1h|7d]';
const Arguments = z.object({
  user: UserId,
  org: OrganizationId.nullable().default(null),
  'expires-in': z.string().default('1h').transform(secondsOf).pipe(z.int('no duration')),
});

async function main(): Promise<string> {
  const asked = Arguments.safeParse(values());
  if (!asked.success) throw new CannotStart(`${z.prettifyError(asked.error)}\n${USAGE}`);
  const { user, org: organization, 'expires-in': seconds } = asked.data;

  const folder = process.env['LOCAL_DIRECTORY'] || '.local';
  const running = announced(folder);
  if (!running || !recorded(folder).some(isAlive)) {
    throw new CannotStart(`No stack is running in ${folder}. Start one with \`npm start\`.`);
  }
  const pepper = await pepperOf(user, running.databaseUrl);
  const secret =
    process.env['NEXTAUTH_SECRET_PROD'] || secretBook(folder).get('NEXTAUTH_SECRET_PROD');
  return tokenFor({ user, pepper, organization }, secret, seconds);
}

function values(): unknown {
  const options = { type: 'string' } as const;
  try {
    return parseArgs({ options: { user: options, org: options, 'expires-in': options } }).values;
  } catch (cause) {
    throw new CannotStart(`${cause instanceof Error ? cause.message : String(cause)}\n${USAGE}`);
  }
}

async function pepperOf(user: UserId, databaseUrl: string): Promise<string | null> {
  const database = await connect(databaseUrl);
  try {
    const pepper = await tokenPepper(database, user);
    if (pepper === undefined) throw new CannotStart(`There is no user ${user}.`);
    return pepper;
  } finally {
    await database.close();
  }
}

try {
  console.log(await main());
} catch (cause) {
  console.error(cause instanceof CannotStart ? cause.message : cause);
  process.exit(1);
}

import { parseArgs } from 'node:util';
import { connect, tokenPepper } from '@gateway/db';
import { UserId } from '@gateway/worker-utils/ids';
import { announced } from './running.ts';
import { secretBook } from './secrets.ts';
import { tokenFor } from './tokens.ts';

// `npm run -s token -- --user <id> [--org <uuid>] [--expires-in 1h]`: prints a token, and nothing else.

const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

function secondsOf(duration: string): number {
  const { amount, unit } = /^(?<amount>\d+)(?<unit>[smhd])$/.exec(duration)?.groups ?? {};
  const seconds = Number(amount) * (UNIT_SECONDS[unit ?? ''] ?? Number.NaN);
  if (!Number.isFinite(seconds))
    throw new Error(`Not a duration: ${duration}. Write 30m, 1h or 7d.`);
  return seconds;
}

const { values } = parseArgs({
  options: {
    user: { type: 'string' },
    org: { type: 'string' },
    'expires-in': { type: 'string', default: '1h' },
  },
});
const folder = process.env['LOCAL_DIRECTORY'] ?? '.local';
const running = announced(folder);
if (values.user === undefined) throw new Error('Name a user: --user <id>');
if (!running) throw new Error('No stack is running here. Start one with `npm start`.');

const database = await connect(running.databaseUrl);
const pepper = await tokenPepper(database, UserId.parse(values.user));
await database.close();
if (pepper === undefined) throw new Error(`There is no user ${values.user}.`);
const secret =
  process.env['NEXTAUTH_SECRET_PROD'] ?? secretBook(folder).get('NEXTAUTH_SECRET_PROD');
const claims = { user: values.user, pepper, organization: values.org ?? null };
console.log(await tokenFor(claims, secret, secondsOf(values['expires-in'])));

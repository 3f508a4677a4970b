import { parseArgs } from 'node:util';
import { systemClock } from '@gateway/worker-utils/system-clock';
import { Instant } from '@gateway/worker-utils/time';
import { CannotStart } from '../cannot-start.ts';
import { secondsOf } from '../stack/duration.ts';
import { localValues } from '../stack/environment.ts';
import { reconcile, type Sources } from './reconcile/reconcile.ts';
import { announced } from '../stack/running.ts';

// `npm run -s reconcile -- --since 24h`: compares what ledgers, Postgres, attempts and providers say, and prints what differs.

const USAGE = `npm run -s reconcile -- --since <30m|24h|7d> [--until <5m>]

Of the running local stack; of another, where GATEWAY_URL, GATEWAY_ADMIN_TOKEN, DATABASE_URL, OPENROUTER_API_KEY
(and VERCEL_AI_GATEWAY_API_KEY) say where it is.`;

const PROVIDER_URLS = {
  openrouter: 'https://openrouter.ai/api/v1',
  vercel: 'https://ai-gateway.vercel.sh/v1',
} as const;

async function main(): Promise<void> {
  const options = { since: { type: 'string' }, until: { type: 'string', default: '5m' } } as const;
  const { since = '', until } = parseArgs({ options }).values;
  const now = systemClock.now();
  const before = (duration: string): Instant => {
    const at = Instant.safeParse(now - secondsOf(duration) * 1000);
    if (!at.success) throw new CannotStart(USAGE);
    return at.data;
  };
  const found = await reconcile(sources(), { since: before(since), until: before(until) });
  for (const { exchange, what } of found.differences) console.log(`${exchange}  ${what}`);
  console.log(
    `${found.rows} exchanges, ${found.generations} generations, ${found.ledgers} ledgers with something open: ${found.differences.length} differences.`,
  );
  process.exitCode = found.differences.length === 0 ? 0 : 1;
}

const providerAt = (base: string | undefined, key: string | undefined, otherwise: string) =>
  key === undefined ? undefined : { baseUrl: base ?? otherwise, key };

function sources(): Sources {
  const running = announced(process.env['LOCAL_DIRECTORY'] || '.local');
  const { simulatorUrl } = running ?? {};
  const simulatedAt = simulatorUrl
    ? (base: string) => simulatorUrl.replace(/\/api\/v1$/, `/${base}/v1`)
    : null;
  const values = localValues(process.env, simulatedAt);
  const url = values['GATEWAY_URL'] ?? running?.url;
  const adminToken = values['GATEWAY_ADMIN_TOKEN'] ?? running?.adminTokens.gateway;
  const databaseUrl = values['DATABASE_URL'] ?? running?.databaseUrl;
  if (!url || !adminToken || !databaseUrl) throw new CannotStart(USAGE);
  return {
    gateway: { url, adminToken },
    databaseUrl,
    providers: {
      openrouter: providerAt(
        values['OPENROUTER_BASE_URL'],
        values['OPENROUTER_API_KEY'],
        PROVIDER_URLS.openrouter,
      ),
      vercel: providerAt(
        values['VERCEL_BASE_URL'],
        values['VERCEL_AI_GATEWAY_API_KEY'],
        PROVIDER_URLS.vercel,
      ),
    },
  };
}

try {
  await main();
} catch (cause) {
  console.error(cause instanceof CannotStart ? cause.message : cause);
  process.exitCode = 2;
}

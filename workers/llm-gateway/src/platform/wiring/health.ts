import { readsWhatItWrote } from '@gateway/db';
import { flawInStore } from '@gateway/worker-utils/secrets-store';
import { systemClock } from '@gateway/worker-utils/system-clock';
import { LEDGER_INDEX } from '../durable-objects/ledger-index.ts';
import type { HealthNeeds } from '../../http/health.ts';
import { ledgerName } from '../../billing/ledger/ledger-owner.ts';
import { wiringDepsFrom } from './deps.ts';

/** Whatever is required, or verifies, seals or names something for us. */
const RULED_SECRETS = [
  'NEXTAUTH_SECRET_PROD',
  'NEXTAUTH_SECRET_PREVIOUS',
  'ANONYMOUS_ID_SECRET',
  'BYOK_ENCRYPTION_KEY',
  'BYOK_ENCRYPTION_KEY_PREVIOUS',
  'CLIENT_ADDRESS_SECRET',
  'GATEWAY_ADMIN_TOKEN',
  'OPENROUTER_API_KEY',
] as const;

/** Of nobody's address, and of nobody's key: those have the names of pseudonyms. */
const NOBODY = 'health';

/** What a deployment rests on, each used once as a request would use it. */
export function healthFrom(env: Env, requestId: string): HealthNeeds {
  const { withConnection, log, optionalSecret } = wiringDepsFrom(env, { requestId });
  return {
    token: () => optionalSecret('GATEWAY_ADMIN_TOKEN'),
    clock: systemClock,
    log,
    checks: {
      async secrets() {
        const flaws = await Promise.all(RULED_SECRETS.map((name) => flawInStore(name, env[name])));
        const unfit = RULED_SECRETS.filter((_name, index) => flaws[index] !== null);
        if (unfit.length > 0) log.error('secrets unfit', { secrets: unfit });
        return unfit.length === 0;
      },
      // Also whether reads are kept from Hyperdrive's cache: revocation and blocking would be told late otherwise.
      postgres: () => withConnection(readsWhatItWrote),
      async ledger() {
        await env.LEDGER.getByName(ledgerName({ kind: 'anon', shard: 0 })).view();
        return true;
      },
      async 'ledger-index'() {
        await env.LEDGER_INDEX.getByName(LEDGER_INDEX).list('');
        return true;
      },
      async limiter() {
        await env.RATE_LIMITER.getByName(NOBODY).look();
        return true;
      },
      async completions() {
        await env.COMPLETION.getByName(NOBODY).leave(NOBODY);
        return true;
      },
      async o11y() {
        // It lets nobody in without its own token. That it says so shows that it is there.
        const answer = await env.O11Y.fetch('https://o11y/');
        await answer.body?.cancel();
        return answer.status < 500;
      },
    },
  };
}

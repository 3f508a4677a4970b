import { systemClock } from '@gateway/worker-utils/system-clock';
import { catalogueOf } from '../services/catalogue-upstream.ts';
import { ledgersOf } from '../durable-objects/clients/ledgers.ts';
import { LocationHint } from '../location-hint.ts';
import { directSettlerOf } from '../postgres/settle-directly.ts';
import { pause } from '@gateway/worker-utils/pause';
import type { Effects } from '../../pipeline/perform.ts';
import type { WiringDeps } from './deps.ts';
import { leaseMsIn } from './lease.ts';
import { performersFrom } from './performers.ts';
import { surchargesIn } from './surcharges.ts';

/** What is held before a call, and how it is settled after it. */
export function moneyFrom(house: WiringDeps) {
  const { env, ledgers, withConnection, log, report } = house;
  const catalogue = catalogueOf({ baseUrl: env.OPENROUTER_BASE_URL, clock: systemClock, log });
  const { holds, leases, settle } = ledgersOf({
    objects: ledgers,
    locationHint: LocationHint.parse(env.LEDGER_LOCATION),
    leaseMs: leaseMsIn(env),
    prices: catalogue,
    surcharges: surchargesIn(env),
    pause,
    log,
  });
  const settleSomehow: Effects['settle'] = async ({ settlement, question }) => {
    try {
      await settle(settlement, question);
    } catch {
      // Put together only here: hardly any request needs it.
      const settleDirectly = directSettlerOf({
        lend: withConnection,
        performers: performersFrom(house),
        report,
      });
      await settleDirectly(settlement);
    }
  };
  return { holds, leases, settle: settleSomehow, catalogue };
}

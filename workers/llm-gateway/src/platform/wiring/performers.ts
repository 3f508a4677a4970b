import { systemClock } from '@gateway/worker-utils/system-clock';
import { chargeOf } from '../services/charges-stripe.ts';
import { bonusReportOf, firstUsageOf } from '../services/events-posthog.ts';
import { kiloPassBonusOf } from '../postgres/kilo-pass-database.ts';
import { lowBalanceMailOf, topUpTurnedOffMailOf } from '../services/mails-customerio.ts';
import { topUpBooksOf } from '../postgres/top-up-database.ts';
import { autoTopUpOf, topUpNowOf } from '../../billing/consequences/auto-top-up.ts';
import type {
  performConsequences,
  Performers,
} from '../../billing/consequences/perform-consequences.ts';
import type { WiringDeps } from './deps.ts';

/** What follows from settlements, for whoever settles: a payer's ledger, or a request that can't reach it. */
export function performersFrom(house: WiringDeps): Parameters<typeof performConsequences>[1] {
  const { env, withConnection, log, optionalSecret } = house;
  const topUp = autoTopUpFrom(house);
  const analytics = {
    host: env.POSTHOG_HOST,
    key: () => optionalSecret('POSTHOG_API_KEY'),
    lend: withConnection,
  };
  const performers: Performers = {
    'low-balance-mail': lowBalanceMailOf(mailServiceFrom(house)),
    'first-usage': firstUsageOf(analytics),
    'auto-top-up': ({ owner, at }) => topUp({ owner, startedAt: at }),
    'kilo-pass-bonus': kiloPassBonusOf({
      lend: withConnection,
      log,
      report: bonusReportOf(analytics),
    }),
  };
  return {
    performers,
    reportFailure: (consequence, cause) => log.error('consequence failed', { consequence, cause }),
  };
}

/** For whoever finds an owner to be low without a settlement. */
export const topUpFrom = (house: WiringDeps): ReturnType<typeof topUpNowOf> =>
  topUpNowOf({ topUp: autoTopUpFrom(house), clock: systemClock, log: house.log });

const autoTopUpFrom = (house: WiringDeps): ReturnType<typeof autoTopUpOf> =>
  autoTopUpOf({
    books: topUpBooksOf(house.withConnection),
    charge: chargeOf({
      baseUrl: house.env.STRIPE_BASE_URL,
      key: () => house.optionalSecret('STRIPE_SECRET_KEY'),
    }),
    mail: topUpTurnedOffMailOf(mailServiceFrom(house)),
    clock: systemClock,
    log: house.log,
  });

const mailServiceFrom = ({ env, log, optionalSecret }: WiringDeps) => ({
  baseUrl: env.CUSTOMERIO_BASE_URL,
  key: () => optionalSecret('CUSTOMERIO_API_KEY'),
  appUrl: env.APP_URL,
  log,
});

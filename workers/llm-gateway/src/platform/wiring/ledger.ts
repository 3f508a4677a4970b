import { lazySql } from '@gateway/worker-utils/lazy-sql';
import { ModelId } from '@gateway/worker-utils/ids';
import { sqlOf } from '@gateway/worker-utils/sql';
import { systemClock } from '@gateway/worker-utils/system-clock';
import { chargedModelsOf } from '../services/charged-models-object.ts';
import { batchedAccountsOf } from '../durable-objects/clients/settlement-batchers.ts';
import { generationsOf } from '../services/generations-fetch.ts';
import { LEDGER_INDEX } from '../durable-objects/ledger-index.ts';
import type { LedgerPlace } from '../durable-objects/ledger.ts';
import { LocationHint } from '../location-hint.ts';
import { systemChance } from '../system.ts';
import { batcherName } from '../../billing/batcher/batcher-name.ts';
import { performConsequence } from '../../billing/consequences/perform-consequences.ts';
import type { Ports } from '../../billing/ledger/ledger-state.ts';
import { ledgerName } from '../../billing/ledger/ledger-owner.ts';
import { storeIn } from '../../billing/ledger/store.ts';
import { batchersIn } from './batcher.ts';
import { isUnexpectedCharge } from '../../policy/unexpected-charge.ts';
import { type WiringDeps, wiringDepsFrom } from './deps.ts';
import { leaseMsIn } from './lease.ts';
import { ledgerTermsIn } from './ledger-terms.ts';
import { performersFrom } from './performers.ts';

/** What a payer's ledger asks of the outside. */
export function ledgerPortsFrom(env: Env, { owner, storage, wakeAt }: LedgerPlace): Ports {
  const house = wiringDepsFrom(env, { ledger: owner.kind });
  const { performers } = performersFrom(house);
  return {
    store: storeIn(lazySql(sqlOf(storage.sql))),
    wakeAt,
    leaseMs: leaseMsIn(env),
    terms: ledgerTermsIn(env),
    clock: systemClock,
    accounts: batchedAccountsOf({
      objects: env.CLEARING,
      locationHint: LocationHint.parse(env.LEDGER_LOCATION),
      name: batcherName(ledgerName(owner), batchersIn(env)),
      owner,
    }),
    charges: { applyLookup: chargesFrom(house) },
    generations: {
      ask: generationsOf({ baseUrls: house.baseUrls, secrets: { get: house.secret } }),
    },
    consequences: { perform: (consequence) => performConsequence(consequence, performers) },
    index: {
      put: async (isOpen) =>
        env.LEDGER_INDEX.getByName(LEDGER_INDEX).put(ledgerName(owner), isOpen),
    },
    chance: systemChance,
    report: house.report,
    log: house.log,
  };
}

/** An object lives on for what it has begun. */
const background = (work: Promise<void>) => void work;

/** What a client has left before its cost was told is learnt here: it counts like a cost that an answer told. */
function chargesFrom({ sharedCircuits, report, log }: WiringDeps): Ports['charges']['applyLookup'] {
  const models = chargedModelsOf({ objects: sharedCircuits, background, report, log });
  return async ({ id, requested_model, kilo_user_id, metadata }) => {
    const cost = metadata.market_cost;
    if (cost === null || cost <= 0) return;
    if (!isUnexpectedCharge(requested_model, metadata.is_user_byok)) return;
    const model = ModelId.parse(requested_model);
    try {
      await models.charged({ model, exchange: id, payer: kilo_user_id, cost });
    } catch (cause) {
      log.error('charge of a free model not counted', { cause });
    }
  };
}

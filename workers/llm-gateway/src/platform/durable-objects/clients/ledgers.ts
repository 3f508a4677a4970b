import type { Log } from '@gateway/worker-utils/json-log';
import { withObjectRetry } from '@gateway/worker-utils/with-object-retry';
import { withTimeout } from '@gateway/worker-utils/with-timeout';
import type { Composed } from '../../../exchange/exchange.ts';
import { type AccountReading, dayOf } from '../../../billing/ledger/account.ts';
import type { Ended } from '../../../billing/ledger/entry.ts';
import { ledgerName, type LedgerOwner, ownerOf } from '../../../billing/ledger/ledger-owner.ts';
import type { CostLookup } from '../../../billing/ledger/cost-lookup.ts';
import { estimateOf } from '../../../policy/estimate.ts';
import type { SurchargeChanges } from '../../../policy/surcharges.ts';
import { usageRecordOf } from '../../../billing/settlement/usage-record.ts';
import { draftOf, payerIn, type Settlement } from '../../../billing/settlement/settlement.ts';
import type { Leases } from '../../../billing/ledger/keep-lease.ts';
import type { Holding, Holds } from '../../../pipeline/stages/reserve.ts';
import type { Ledger } from '../ledger.ts';
import type { LocationHint } from '../../location-hint.ts';
import type { Prices } from '../../services/catalogue-upstream.ts';
import { systemChance } from '../../system.ts';

type Stub = DurableObjectStub<Ledger>;

/** One object for each payer. */
export type LedgerObjects = Pick<DurableObjectNamespace<Ledger>, 'get' | 'idFromName'>;

type Needs = {
  readonly objects: LedgerObjects;
  readonly locationHint: LocationHint;
  readonly leaseMs: number;
  readonly prices: Prices;
  readonly surcharges: SurchargeChanges;
  readonly pause: (ms: number) => Promise<void>;
  readonly log: Log;
};

type Ledgers = {
  readonly holds: Holds;
  readonly leases: Leases;
  /** Rejects where the ledger can't be reached for so long that somebody else must settle. */
  readonly settle: (settlement: Settlement, question: CostLookup | null) => Promise<void>;
};

/** Beyond, whoever asked has to hear that it does not work. */
const HOLD_MS_MAX = 8_000;
const CALL_MS_MAX = 5_000;
const TRIES_MAX = 4;
const RETRY_MS = 250;

/** The payers' ledgers. Every message may be sent again: the exchange's id is its key. */
export function ledgersOf(needs: Needs): Ledgers {
  const { objects, locationHint, leaseMs, prices, surcharges, pause, log } = needs;
  const ledgerOf = (owner: LedgerOwner) =>
    objects.get(
      objects.idFromName(ledgerName(owner)),
      locationHint === null ? {} : { locationHint },
    );
  const holds: Holds = {
    async hold(exchange): Promise<Holding> {
      const account = accountIn(exchange);
      if (!account) return { kind: 'unavailable' };
      await prices.ready();
      const draft = draftOf(exchange);
      const settlement = usageRecordOf(draft);
      const estimate = estimateOf(exchange, prices, surcharges);
      const ask = { settlement, isCharged: true, estimate, account };
      const held = call(ownerOf(draft), async (ledger): Promise<Holding> => ledger.reserve(ask));
      try {
        return await withTimeout(held, HOLD_MS_MAX, 'ledger');
      } catch (cause) {
        log.error('ledger unreachable', { cause });
        // It may have been held after all.
        await quietly(ownerOf(draft), async (ledger) => ledger.release(draft.id));
        return { kind: 'unavailable' };
      }
    },
  };
  /** Again where the platform says that this may help: when the object has moved, or is replaced by a newer version. */
  const call = <T>(owner: LedgerOwner, ask: (ledger: Stub) => Promise<T>): Promise<T> =>
    withObjectRetry({ stub: () => ledgerOf(owner), pause, chance: systemChance }, ask);
  const quietly = async (
    owner: LedgerOwner,
    tell: (ledger: Stub) => Promise<unknown>,
  ): Promise<void> => {
    try {
      await withTimeout(call(owner, tell), CALL_MS_MAX, 'ledger');
    } catch (cause) {
      log.warn('ledger unreachable', { cause });
    }
  };
  const leases: Leases = {
    attach: (exchange, question) =>
      quietly(ownerOf(payerIn(exchange)), async (ledger) =>
        ledger.attach(exchange.arrival.id, question),
      ),
    renew: (exchange) =>
      quietly(ownerOf(payerIn(exchange)), async (ledger) => ledger.renew(exchange.arrival.id)),
    leaseMs,
  };
  return {
    holds,
    leases,
    async settle(settlement, question) {
      const { isCharged } = settlement;
      const ended: Ended = { settlement: usageRecordOf(settlement), isCharged, question };
      const tell = async (): Promise<void> => ledgerOf(ownerOf(settlement)).settle(ended);
      for (let tries = 1; ; tries += 1) {
        try {
          return await withTimeout(tell(), CALL_MS_MAX, 'ledger');
        } catch (cause) {
          log.warn('ledger unreachable', { cause });
          if (tries === TRIES_MAX) throw cause;
          await pause(RETRY_MS * 2 ** tries);
        }
      }
    },
  };
}

/** What the caller's snapshot says of who pays. */
function accountIn({ caller }: Composed): AccountReading | null {
  if (caller.kind !== 'user') return null;
  const { user, organization, readAt: at } = caller.snapshot;
  if (!organization) return { used: user.used, acquired: user.acquired, member: null, at };
  const { used, acquired, hasSeats, dailyLimit: limit, usedToday } = organization;
  const member = { id: caller.id, day: dayOf(at), used: usedToday, limit };
  return { used, acquired, member: hasSeats ? null : member, at };
}

import {
  EXCHANGES_MAX,
  type WriteResult,
  type SettledExchange,
  type SettleOutcome,
} from '@gateway/db';
import { zeroMicroUsd } from '@gateway/worker-utils/money';
import { Instant } from '@gateway/worker-utils/time';
import { consequencesOf } from '../consequences/consequences-of.ts';
import { delivery } from '../consequences/consequence.ts';
import { missingPayerReport, quarantinedReport } from './settlement-reports.ts';
import { usedSince } from './account.ts';
import { type LedgerState, keep, keepAccount, keepOutboxEntry, schedule } from './ledger-state.ts';
import { isOwed, committed, quarantined } from './entry.ts';
import { outboxEntryOf } from './outbox-entry.ts';
import { performOnce, deliverOutboxEntry } from './outbox.ts';

const RETRY_MS = 250;
const RETRY_MS_MAX = 30_000;

/** Writes owed rows to Postgres, batch by batch. Joins a flush in progress. Never rejects. */
export function flush(desk: LedgerState): Promise<void> {
  if (desk.flushing) return desk.flushing;
  const first = owedBatch(desk);
  if (first.length === 0 || desk.ports.clock.now() < desk.retryAt) return Promise.resolve();
  desk.flushing = flushAll(desk, first);
  return desk.flushing;
}

async function flushAll(desk: LedgerState, first: readonly SettledExchange[]): Promise<void> {
  let batch = first;
  while (batch.length > 0) {
    const isProgress = await flushBatch(desk, batch);
    if (!isProgress) postpone(desk);
    else desk.failures = 0;
    batch = isProgress ? owedBatch(desk) : [];
  }
  // Clear it in the same turn that found nothing left, so that a later settlement starts a new flush.
  desk.flushing = null;
  schedule(desk);
}

export const owedBatch = ({ entries }: LedgerState): readonly SettledExchange[] =>
  [...entries.values()]
    .filter((entry) => isOwed(entry) && !entry.isParked)
    .slice(0, EXCHANGES_MAX)
    .map(({ settlement }) => settlement);

async function flushBatch(desk: LedgerState, batch: readonly SettledExchange[]): Promise<boolean> {
  const { accounts, log } = desk.ports;
  try {
    return applyWriteResults(desk, batch, await accounts.settle(batch));
  } catch (cause) {
    log.warn('settlements not written', { count: batch.length, failures: desk.failures, cause });
    return false;
  }
}

/** Applies the result of a batch in one turn. Returns whether the batch made progress. */
export function applyWriteResults(
  desk: LedgerState,
  batch: readonly SettledExchange[],
  { landings, parked: refused }: SettleOutcome,
): boolean {
  const sent = new Map(batch.map((exchange) => [exchange.id, exchange]));
  for (const landing of landings.filter(isThere)) {
    const exchange = sent.get(landing.id);
    if (exchange) keepLanding(desk, exchange, landing);
  }
  for (const one of refused) {
    void desk.ports.report(quarantinedReport(one));
    const entry = desk.entries.get(one.exchange.id);
    if (entry) keep(desk, quarantined(entry));
  }
  return refused.length > 0 || landings.some(isThere);
}

const isThere = ({ landed: how }: WriteResult): boolean => how !== 'raced';

/** In one turn, moves committed rows from owed to used. */
function keepLanding(desk: LedgerState, exchange: SettledExchange, landing: WriteResult): void {
  const entry = desk.entries.get(exchange.id);
  if (entry) keep(desk, committed(entry, exchange));
  if (desk.account) keepAccount(desk, usedSince(desk.account, newsOf(exchange, landing)));
  const missing = missingPayerReport(exchange, landing);
  if (missing) void desk.ports.report(missing);
  follow(desk, exchange, landing);
}

function newsOf(
  { kilo_user_id }: SettledExchange,
  { microdollars_used, organization }: WriteResult,
): Parameters<typeof usedSince>[1] {
  if (!organization) return { used: microdollars_used, member: null };
  const { member_day: day, member_day_usage: used } = organization;
  return { used: organization.microdollars_used, member: { id: kilo_user_id, day, used } };
}

/** Stores at-least-once consequences in the turn that causes them. At-most-once consequences are only tried. */
function follow(desk: LedgerState, exchange: SettledExchange, landing: WriteResult): void {
  const settled = {
    id: exchange.id,
    at: exchange.created_at,
    payer: exchange.kilo_user_id,
    organization: exchange.organization_id,
    cost: exchange.cost ?? zeroMicroUsd,
    model: exchange.model,
  };
  for (const consequence of consequencesOf(settled, landing)) {
    if (delivery[consequence.kind] === 'at-most-once') {
      void performOnce(desk, consequence);
    } else {
      const errand = outboxEntryOf(consequence, desk.ports.clock.now());
      keepOutboxEntry(desk, errand);
      void deliverOutboxEntry(desk, errand);
    }
  }
}

/** Jittered, so that ledgers do not all retry at once when Postgres recovers. */
function postpone(desk: LedgerState): void {
  const wait = Math.min(RETRY_MS * 2 ** desk.failures, RETRY_MS_MAX);
  desk.failures += 1;
  const now = desk.ports.clock.now();
  desk.retryAt = Instant.parse(Math.ceil(now + wait * (0.5 + desk.ports.chance() / 2)));
}

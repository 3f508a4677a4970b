import type { Database } from '../database.ts';
import type { SettledExchange } from '../settled-exchange.ts';
import { coreRecord, fullRecord, lookupValuesOf, type UsageRecord } from '../usage-record.ts';
import { type LookupIds, type LookupMemory, resolveLookups } from './resolve-lookups.ts';
import { EXCHANGES_MAX, type Landing, settleExchanges } from './settle-exchanges.ts';

export type SettleOutcome = {
  readonly landings: readonly Landing[];
  /** Could not be written in any form. Somebody must look at it. */
  readonly parked: readonly { readonly exchange: SettledExchange; readonly cause: unknown }[];
};

/**
 * Settles exchanges. One that can't be written takes no other with it: a failing batch is halved until the culprit stands
 * alone, which is then written without its metadata. Throws only where nothing can be written: Postgres is away.
 * @param memory of labels, for whoever settles again and again.
 */
export async function settle(
  database: Database,
  exchanges: readonly SettledExchange[],
  memory: LookupMemory = new Map(),
): Promise<SettleOutcome> {
  const labels = {
    ids: await lookupIdsOf(database, exchanges, memory),
    forget: () => memory.clear(),
  };
  const outcomes: SettleOutcome[] = [];
  for (let at = 0; at < exchanges.length; at += EXCHANGES_MAX) {
    outcomes.push(await settleBatch(database, exchanges.slice(at, at + EXCHANGES_MAX), labels));
  }
  return merged(outcomes);
}

type Labels = { readonly ids: LookupIds; readonly forget: () => void };

async function settleBatch(
  database: Database,
  batch: readonly SettledExchange[],
  labels: Labels,
): Promise<SettleOutcome> {
  try {
    const records = batch.map((exchange) => fullRecord(exchange, labels.ids));
    return { landings: await landed(database, records), parked: [] };
  } catch (cause) {
    if (isAway(cause)) throw cause;
    // One that is remembered may not be there any more.
    labels.forget();
    const [only, ...others] = batch;
    if (only && others.length === 0) return settleCore(database, only);
    const half = Math.ceil(batch.length / 2);
    return merged([
      await settleBatch(database, batch.slice(0, half), labels),
      await settleBatch(database, batch.slice(half), labels),
    ]);
  }
}

async function settleCore(database: Database, exchange: SettledExchange): Promise<SettleOutcome> {
  try {
    return { landings: await landed(database, [coreRecord(exchange)]), parked: [] };
  } catch (cause) {
    if (isAway(cause)) throw cause;
    return { landings: [], parked: [{ exchange, cause }] };
  }
}

/** Ids that another writer is inserting at this moment are visible to the next statement. */
async function landed(
  database: Database,
  records: readonly UsageRecord[],
): Promise<readonly Landing[]> {
  const landings = await settleExchanges(database, records);
  const raced = new Set(landings.filter(isRaced).map(({ id }) => id));
  if (raced.size === 0) return landings;
  const again = await settleExchanges(
    database,
    records.filter(({ id }) => raced.has(id)),
  );
  return [...landings.filter((landing) => !isRaced(landing)), ...again];
}

const isRaced = ({ landed: how }: Landing): boolean => how === 'raced';

/** Lookups are labels: without them the money is still right. */
async function lookupIdsOf(
  database: Database,
  exchanges: readonly SettledExchange[],
  memory: LookupMemory,
): Promise<LookupIds> {
  try {
    const wanted = exchanges.map((exchange) => ({
      caller: exchange.kilo_user_id,
      values: lookupValuesOf(exchange),
    }));
    return await resolveLookups(database, wanted, memory);
  } catch (cause) {
    if (isAway(cause)) throw cause;
    return new Map();
  }
}

/**
 * Whether the database could not answer at all, or not now: a lost connection, a deadlock, a server that only reads, a missing
 * table. Only a code that speaks of values is the row's own fault: anything else would part a whole outbox from its money.
 */
function isAway(cause: unknown): boolean {
  const code = cause instanceof Error && 'code' in cause ? cause.code : null;
  return typeof code !== 'string' || !FAULT_OF_A_ROW.test(code);
}

/** SQLSTATE classes: cardinality, data, integrity, check options, limits, exceptions of a host's triggers, internal errors. */
const FAULT_OF_A_ROW = /^(?:21|22|23|44|54|P0|XX)[0-9A-Z]{3}$/;

const merged = (outcomes: readonly SettleOutcome[]): SettleOutcome => ({
  landings: outcomes.flatMap(({ landings }) => landings),
  parked: outcomes.flatMap(({ parked }) => parked),
});

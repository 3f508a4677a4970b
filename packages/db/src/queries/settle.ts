import type { Database } from '../database.ts';
import {
  coreRecord,
  fullRecord,
  lookupValuesOf,
  type SettledExchange,
  type UsageRecord,
} from '../usage-record.ts';
import { type LookupIds, resolveLookups } from './resolve-lookups.ts';
import { EXCHANGES_MAX, type Landing, settleExchanges } from './settle-exchanges.ts';

export type SettleOutcome = {
  readonly landings: readonly Landing[];
  /** Could not be written in any form. Somebody must look at it. */
  readonly parked: readonly { readonly exchange: SettledExchange; readonly cause: unknown }[];
};

/**
 * Settles exchanges. One that can't be written takes no other with it: a failing batch is halved until the culprit stands
 * alone, which is then written without its metadata. Throws only where nothing can be written: Postgres is away.
 */
export async function settle(
  database: Database,
  exchanges: readonly SettledExchange[],
): Promise<SettleOutcome> {
  const ids = await lookupIdsOf(database, exchanges);
  const outcomes: SettleOutcome[] = [];
  for (let at = 0; at < exchanges.length; at += EXCHANGES_MAX) {
    outcomes.push(await settleBatch(database, exchanges.slice(at, at + EXCHANGES_MAX), ids));
  }
  return merged(outcomes);
}

async function settleBatch(
  database: Database,
  batch: readonly SettledExchange[],
  ids: LookupIds,
): Promise<SettleOutcome> {
  try {
    const records = batch.map((exchange) => fullRecord(exchange, ids));
    return { landings: await landed(database, records), parked: [] };
  } catch (cause) {
    if (isAway(cause)) throw cause;
    const [only, ...others] = batch;
    if (only && others.length === 0) return settleCore(database, only);
    const half = Math.ceil(batch.length / 2);
    return merged([
      await settleBatch(database, batch.slice(0, half), ids),
      await settleBatch(database, batch.slice(half), ids),
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
): Promise<LookupIds> {
  try {
    return await resolveLookups(database, exchanges.flatMap(lookupValuesOf));
  } catch (cause) {
    if (isAway(cause)) throw cause;
    return new Map();
  }
}

/** A database that refuses a statement says why, by a code of five characters. Anything else did not come from it. */
function isAway(cause: unknown): boolean {
  const code = cause instanceof Error && 'code' in cause ? cause.code : null;
  if (typeof code !== 'string' || !/^[0-9A-Z]{5}$/.test(code)) return true;
  const isOfTheConnection = /^(?:08|53|57|58)/.test(code);
  // Deadlocks and serialisation failures pass by themselves: whoever called tries again.
  return isOfTheConnection || code.startsWith('40');
}

const merged = (outcomes: readonly SettleOutcome[]): SettleOutcome => ({
  landings: outcomes.flatMap(({ landings }) => landings),
  parked: outcomes.flatMap(({ parked }) => parked),
});

import type { Database } from '../database.ts';
import type { SettledExchange } from '../settled-exchange.ts';
import { coreRecord, fullRecord, lookupValuesOf, type UsageRecord } from '../usage-record.ts';
import { type LookupIds, type LookupMemory, resolveLookups } from './resolve-lookups.ts';
import { EXCHANGES_MAX, type WriteResult, settleExchanges } from './settle-exchanges.ts';

/** What is in neither is locked by somebody else: it is to be tried again. */
export type SettleOutcome = {
  readonly landings: readonly WriteResult[];
  /** Could not be written in any form. Somebody must look at it: `code` is the SQLSTATE that Postgres gave. */
  readonly parked: readonly { readonly exchange: SettledExchange; readonly code: string }[];
};

/** For whoever settles again and again. */
type Habits = {
  /** Of labels. */
  readonly memory?: LookupMemory;
  /** So long a row is waited for that somebody else has locked. Without it, until the statement's own deadline. */
  readonly lockMsMax?: number;
};

/**
 * Settles exchanges, of any payers. One that can't be written takes no other with it: a failing batch is halved until the
 * culprit stands alone, which is then written without its metadata. Throws only where nothing can be written: Postgres is away.
 */
export async function settle(
  database: Database,
  exchanges: readonly SettledExchange[],
  { memory = new Map(), lockMsMax }: Habits = {},
): Promise<SettleOutcome> {
  const writer: Writer = {
    write: (records) => settleExchanges(database, records, lockMsMax),
    labels: await lookupIdsOf(database, exchanges, memory),
    forget: () => memory.clear(),
  };
  const distinct = distinctOf(exchanges);
  const outcomes: SettleOutcome[] = [];
  for (let at = 0; at < distinct.length; at += EXCHANGES_MAX) {
    outcomes.push(await settleBatch(writer, distinct.slice(at, at + EXCHANGES_MAX)));
  }
  return merged(outcomes);
}

/** Who has lost patience asks again, perhaps in the same breath: what is known last holds. */
const distinctOf = (exchanges: readonly SettledExchange[]): readonly SettledExchange[] => [
  ...new Map(exchanges.map((exchange) => [exchange.id, exchange])).values(),
];

type Writer = {
  readonly write: (records: readonly UsageRecord[]) => Promise<readonly WriteResult[]>;
  readonly labels: LookupIds;
  readonly forget: () => void;
};

async function settleBatch(
  writer: Writer,
  batch: readonly SettledExchange[],
): Promise<SettleOutcome> {
  try {
    const records = batch.map((exchange) => fullRecord(exchange, writer.labels));
    return { landings: await landed(writer, records), parked: [] };
  } catch (cause) {
    const code = faultOf(cause);
    // One that is remembered may not be there any more.
    if (code !== LOCKED) writer.forget();
    const [only, ...others] = batch;
    if (only && others.length === 0) return code === LOCKED ? nothing : settleCore(writer, only);
    const half = Math.ceil(batch.length / 2);
    return merged([
      await settleBatch(writer, batch.slice(0, half)),
      await settleBatch(writer, batch.slice(half)),
    ]);
  }
}

async function settleCore(writer: Writer, exchange: SettledExchange): Promise<SettleOutcome> {
  try {
    return { landings: await landed(writer, [coreRecord(exchange)]), parked: [] };
  } catch (cause) {
    const code = faultOf(cause);
    return code === LOCKED ? nothing : { landings: [], parked: [{ exchange, code }] };
  }
}

const nothing: SettleOutcome = { landings: [], parked: [] };

/** Ids that another writer is inserting at this moment are visible to the next statement. */
async function landed(
  { write }: Writer,
  records: readonly UsageRecord[],
): Promise<readonly WriteResult[]> {
  const landings = await write(records);
  const raced = new Set(landings.filter(isRaced).map(({ id }) => id));
  if (raced.size === 0) return landings;
  const again = await write(records.filter(({ id }) => raced.has(id)));
  return [...landings.filter((landing) => !isRaced(landing)), ...again];
}

const isRaced = ({ landed: how }: WriteResult): boolean => how === 'raced';

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
    faultOf(cause);
    return new Map();
  }
}

/**
 * The SQLSTATE of what one row is at fault for, or whoever has locked it. Throws where the database could not answer at all,
 * or not now: a lost connection, a deadlock, a server that only reads, a missing table. Only a code that speaks of values, or of
 * this lock, is the row's own: anything else would part a whole outbox from its money.
 */
function faultOf(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : null;
  if (typeof code === 'string' && (code === LOCKED || FAULT_OF_A_ROW.test(code))) return code;
  throw cause;
}

/** SQLSTATE classes: cardinality, data, integrity, check options, limits, exceptions of a host's triggers, internal errors. */
const FAULT_OF_A_ROW = /^(?:21|22|23|44|54|P0|XX)[0-9A-Z]{3}$/;
/** Somebody else has kept it for longer than is waited for. */
const LOCKED = '55P03';

const merged = (outcomes: readonly SettleOutcome[]): SettleOutcome => ({
  landings: outcomes.flatMap(({ landings }) => landings),
  parked: outcomes.flatMap(({ parked }) => parked),
});

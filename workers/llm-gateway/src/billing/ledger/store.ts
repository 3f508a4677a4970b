import { type ExchangeId } from '@gateway/worker-utils/ids';
import { parseJson } from '@gateway/worker-utils/json';
import type { Sql } from '@gateway/worker-utils/sql';
import { z } from 'zod';
import { type Account, Funds, MemberDay } from './account.ts';
import { Entry } from './entry.ts';
import { OutboxEntry } from './outbox-entry.ts';

/** A ledger's storage. Each value is one row, and all writes of a turn become durable together. */
export type Store = {
  readonly load: () => Stored;
  readonly putEntry: (entry: Entry) => void;
  readonly removeEntry: (id: ExchangeId) => void;
  readonly putOutboxEntry: (errand: OutboxEntry) => void;
  readonly removeOutboxEntry: (id: string) => void;
  readonly putFunds: (funds: Funds) => void;
  /** @param id the member's user id, for an organisation. */
  readonly putMember: (id: string, member: MemberDay) => void;
  readonly removeMember: (id: string) => void;
  readonly putListed: (isListed: boolean) => void;
};
type Stored = {
  readonly entries: readonly Entry[];
  readonly errands: readonly OutboxEntry[];
  readonly account: Account | null;
  readonly isListed: boolean;
};

const Row = z.object({ key: z.string(), json: z.string() });
const tables = ['entries', 'errands', 'facts', 'members'] as const;
type Table = (typeof tables)[number];

export function storeIn(sql: Sql): Store {
  createTables(sql);
  const all = <T>(table: Table, schema: z.ZodType<T>): readonly (readonly [string, T])[] =>
    sql.all(`SELECT key, json FROM ${table}`).map((row) => {
      const { key, json } = Row.parse(row);
      const parsed = parseJson(json);
      return [key, schema.parse(parsed.ok ? parsed.value : null)];
    });
  const put = (table: Table, key: string, value: unknown): void => {
    sql.all(`INSERT OR REPLACE INTO ${table} VALUES (?, ?)`, key, JSON.stringify(value));
  };
  const remove = (table: Table, key: string): void => {
    sql.all(`DELETE FROM ${table} WHERE key = ?`, key);
  };
  return {
    load() {
      const { funds = null, listed = false } = Facts.parse(
        Object.fromEntries(all('facts', z.unknown())),
      );
      return {
        entries: all('entries', Entry).map(([, entry]) => entry),
        errands: all('errands', OutboxEntry).map(([, errand]) => errand),
        account: funds && { ...funds, members: Object.fromEntries(all('members', MemberDay)) },
        isListed: listed,
      };
    },
    putEntry: (entry) => put('entries', entry.id, entry),
    removeEntry: (id) => remove('entries', id),
    putOutboxEntry: (errand) => put('errands', errand.id, errand),
    removeOutboxEntry: (id) => remove('errands', id),
    putFunds: (funds) => put('facts', 'funds', funds),
    putMember: (id, member) => put('members', id, member),
    removeMember: (id) => remove('members', id),
    putListed: (isListed) => put('facts', 'listed', isListed),
  };
}

const Facts = z.object({
  funds: Funds.optional(),
  listed: z.boolean().optional(),
});

function createTables(sql: Sql): void {
  for (const table of tables) {
    sql.all(
      `CREATE TABLE IF NOT EXISTS ${table} (key TEXT PRIMARY KEY, json TEXT NOT NULL) WITHOUT ROWID`,
    );
  }
  // Older versions derived holds from past costs. Delete what they stored.
  sql.all("DELETE FROM facts WHERE key = 'costs'");
}

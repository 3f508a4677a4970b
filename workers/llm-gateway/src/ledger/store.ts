import { type ExchangeId } from '@gateway/worker-utils/ids';
import { parseJson } from '@gateway/worker-utils/json';
import type { Sql } from '@gateway/worker-utils/sql';
import { z } from 'zod';
import { Account } from './account.ts';
import { Costs } from './costs.ts';
import { Entry } from './entry.ts';
import { Errand } from './errand.ts';

/** What a ledger keeps on disk. Nothing is written in parts: each value is one row, and a turn's writes become durable together. */
export type Store = {
  readonly load: () => Stored;
  readonly putEntry: (entry: Entry) => void;
  readonly removeEntry: (id: ExchangeId) => void;
  readonly putErrand: (errand: Errand) => void;
  readonly removeErrand: (id: string) => void;
  readonly putAccount: (account: Account) => void;
  readonly putCosts: (costs: Costs) => void;
  readonly putListed: (isListed: boolean) => void;
};
type Stored = {
  readonly entries: readonly Entry[];
  readonly errands: readonly Errand[];
  readonly account: Account | null;
  readonly costs: Costs;
  readonly isListed: boolean;
};

const Row = z.object({ json: z.string() });

export function storeIn(sql: Sql): Store {
  createTables(sql);
  const all = <T>(schema: z.ZodType<T>, statement: string): readonly T[] =>
    sql.all(statement).map((row) => {
      const json = parseJson(Row.parse(row).json);
      return schema.parse(json.ok ? json.value : null);
    });
  const put = (table: 'entries' | 'errands' | 'facts', key: string, value: unknown): void => {
    sql.all(`INSERT OR REPLACE INTO ${table} VALUES (?, ?)`, key, JSON.stringify(value));
  };
  return {
    load: () => ({
      entries: all(Entry, 'SELECT json FROM entries'),
      errands: all(Errand, 'SELECT json FROM errands'),
      account: all(Account, `SELECT json FROM facts WHERE key = 'account'`)[0] ?? null,
      costs: all(Costs, `SELECT json FROM facts WHERE key = 'costs'`)[0] ?? {},
      isListed: all(z.boolean(), `SELECT json FROM facts WHERE key = 'listed'`)[0] ?? false,
    }),
    putEntry: (entry) => put('entries', entry.id, entry),
    removeEntry: (id) => void sql.all('DELETE FROM entries WHERE key = ?', id),
    putErrand: (errand) => put('errands', errand.id, errand),
    removeErrand: (id) => void sql.all('DELETE FROM errands WHERE key = ?', id),
    putAccount: (account) => put('facts', 'account', account),
    putCosts: (costs) => put('facts', 'costs', costs),
    putListed: (isListed) => put('facts', 'listed', isListed),
  };
}

function createTables(sql: Sql): void {
  for (const table of ['entries', 'errands', 'facts']) {
    sql.all(
      `CREATE TABLE IF NOT EXISTS ${table} (key TEXT PRIMARY KEY, json TEXT NOT NULL) WITHOUT ROWID`,
    );
  }
}

import { DurableObject } from 'cloudflare:workers';
import { sqlOf } from '@gateway/worker-utils/sql';
import { z } from 'zod';

const Row = z.object({ name: z.string() });
const NAMES_MAX = 1_000;

/** The one object that knows which ledgers hold something that is not done: what an operator, and `reconcile`, go through. */
export class LedgerIndex extends DurableObject<Env> {
  readonly #sql = sqlOf(this.ctx.storage.sql);

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#sql.all('CREATE TABLE IF NOT EXISTS ledgers (name TEXT PRIMARY KEY) WITHOUT ROWID');
  }

  put(name: string, isOpen: boolean): void {
    this.#sql.all(
      isOpen ? 'INSERT OR IGNORE INTO ledgers VALUES (?)' : 'DELETE FROM ledgers WHERE name = ?',
      name,
    );
  }

  /** In the order of their names: at most a thousand of those behind `after`. */
  list(after: string): readonly string[] {
    return this.#sql
      .all('SELECT name FROM ledgers WHERE name > ? ORDER BY name LIMIT ?', after, NAMES_MAX)
      .map((row) => Row.parse(row).name);
  }
}

/** Its only name. */
export const LEDGER_INDEX = 'index';

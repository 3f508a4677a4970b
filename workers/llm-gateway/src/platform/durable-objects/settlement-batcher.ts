import { DurableObject } from 'cloudflare:workers';
import type { SettledExchange, SettleOutcome } from '@gateway/db';
import type { AccountReading } from '../../billing/ledger/account.ts';
import type { Accounts, AccountsOwner } from '../postgres/accounts-postgres.ts';

/**
 * Brings to Postgres what many ledgers owe, over one connection and in few statements. It keeps nothing: what it is asked for is
 * on the disk of whoever asks until Postgres has it, and asking again is harmless.
 */
export class Clearing extends DurableObject<Env> {
  readonly #books: Accounts;

  constructor(ctx: DurableObjectState, env: Env, booksFrom: (env: Env) => Accounts) {
    super(ctx, env);
    this.#books = booksFrom(env);
  }

  settle(exchanges: readonly SettledExchange[]): Promise<SettleOutcome> {
    return this.#books.settle(exchanges);
  }

  accountOf(owner: AccountsOwner): Promise<AccountReading | null> {
    return this.#books.accountOf(owner);
  }
}

import { beginTopUp, type Database, releaseConfig, turnOffTopUp } from '@gateway/db';
import type { TopUpBooks } from '../../billing/consequences/auto-top-up.ts';

type Lend = <T>(work: (database: Database) => Promise<T>) => Promise<T>;

export const topUpBooksOf = (lend: Lend): TopUpBooks => ({
  begin: (attempt) => lend((database) => beginTopUp(database, attempt)),
  release: (attempt) => lend((database) => releaseConfig(database, attempt)),
  turnOff: (owner, reason) => lend((database) => turnOffTopUp(database, owner, reason)),
});

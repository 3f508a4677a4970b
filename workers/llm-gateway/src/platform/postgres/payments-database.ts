import { type Database, hasPaid } from '@gateway/db';
import type { Payments } from '../../response/render-refusal.ts';
import type { Log } from '@gateway/worker-utils/json-log';

type Needs = {
  readonly lend: <T>(work: (database: Database) => Promise<T>) => Promise<T>;
  readonly log: Log;
};

export const paymentsOf = ({ lend, log }: Needs): Payments => ({
  async hasPaid(user) {
    try {
      return await lend((database) => hasPaid(database, user));
    } catch (cause) {
      // It only chooses the words: those that promise no bonus are never wrong.
      log.warn('payment history unavailable', { cause });
      return true;
    }
  },
});

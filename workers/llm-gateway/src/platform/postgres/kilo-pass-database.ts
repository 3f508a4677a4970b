import { type BonusOutcome, type Database, issueKiloPassBonus } from '@gateway/db';
import type { Log } from '@gateway/worker-utils/json-log';
import type { Performers } from '../../billing/consequences/perform-consequences.ts';

type Performer = Performers['kilo-pass-bonus'];
type Needs = {
  /** A connection of its own: issuing is a transaction. */
  readonly lend: <T>(work: (database: Database) => Promise<T>) => Promise<T>;
  readonly log: Log;
  /** Hears of a bonus that is in the books. */
  readonly report: (issued: Issued) => Promise<void>;
};
export type Issued = Parameters<Performer>[0] & Extract<BonusOutcome, { kind: 'issued' }>['bonus'];

/** Issues the bonus of a month whose credits are used up. Performed again, it finds that done. */
export const kiloPassBonusOf =
  ({ lend, log, report }: Needs): Performer =>
  async (consequence) => {
    const { user, exchange } = consequence;
    const outcome = await lend((database) =>
      issueKiloPassBonus(database, { user, key: `usage_threshold:${exchange}` }),
    );
    // Whoever comes second finds nothing due: of parallel requests, all but one.
    if (outcome.kind === 'not-due') return;
    log.info('kilo pass bonus', { exchange, outcome: outcome.kind });
    if (outcome.kind === 'issued') await report({ ...consequence, ...outcome.bonus });
  };

import { connect, type Database } from '@gateway/db';
import { booksOf } from '../../../workers/llm-gateway/src/adapters/books-postgres.ts';
import { heldDatabase } from '../../../workers/llm-gateway/src/adapters/held-database.ts';
import type { LedgerPlace } from '../../../workers/llm-gateway/src/adapters/ledger.ts';
import type { Ports } from '../../../workers/llm-gateway/src/ledger/desk.ts';
import { ledgerPortsFrom } from '../../../workers/llm-gateway/src/wiring/ledger.ts';
import { type Commits, recordedDisk } from './disk.ts';
import { inline, type Recorded, type Recorder } from './recorder.ts';

/** What a ledger asks of the outside, each question of it recorded; what goes to Postgres, statement by statement. */
export function recordedPorts(
  env: Env,
  place: LedgerPlace,
  { recorder, commits }: { readonly recorder: Recorder; readonly commits: Commits },
): Recorded<Ports> {
  const { crossing } = recorder;
  const ports = ledgerPortsFrom(env, place);
  const { lend } = heldDatabase(async () =>
    recordedDatabase(await connect(env.HYPERDRIVE.connectionString), recorder),
  );
  const books = booksOf({ owner: place.owner, lend, clock: ports.clock });
  return {
    ...recordedDisk(ports, commits),
    leaseMs: ports.leaseMs,
    clock: { now: inline(ports.clock.now) },
    chance: inline(ports.chance),
    books: {
      settle: crossing('books.settle', books.settle),
      accountFor: crossing('books.accountFor', books.accountFor),
    },
    generations: { ask: crossing('generations.ask', ports.generations.ask) },
    consequences: { perform: crossing('consequences.perform', ports.consequences.perform) },
    index: { put: crossing('index.put', ports.index.put) },
    report: crossing('report', ports.report),
    log: {
      info: inline(ports.log.info),
      warn: inline(ports.log.warn),
      error: inline(ports.log.error),
    },
  };
}

/** Not `Recorded`: each of its answers has a type of its own. */
const recordedDatabase = (database: Database, { across }: Recorder): Database => ({
  rows: (query, row) => across('statement', () => database.rows(query, row)),
  close: database.close,
});

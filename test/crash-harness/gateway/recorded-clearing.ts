import { connect, type Database } from '@gateway/db';
import { pause } from '@gateway/worker-utils/pause';
import { systemClock } from '@gateway/worker-utils/system-clock';
import { accountsOf } from '../../../workers/llm-gateway/src/platform/postgres/accounts-postgres.ts';
import { Clearing } from '../../../workers/llm-gateway/src/platform/durable-objects/settlement-batcher.ts';
import { heldDatabase } from '../../../workers/llm-gateway/src/platform/postgres/held-database.ts';
import type { ProofEnv } from './proof-env.ts';
import { announceTo, type Recorder, recorderOf } from './recorder.ts';

/** What goes to Postgres, statement by statement. Where each payer has a clearing of their own, it is told of that payer. */
export class RecordedClearing extends Clearing {
  constructor(ctx: DurableObjectState, env: ProofEnv) {
    const payer = (ctx.id.name ?? '').replace(/^\w+:/, '');
    const recorder = recorderOf(
      announceTo(env.PROOF_URL, { payer, exchange: null, place: 'clearing' }),
    );
    super(ctx, env, ({ HYPERDRIVE }) => {
      const { lend } = heldDatabase(async () =>
        recordedDatabase(await connect(HYPERDRIVE.connectionString), recorder),
      );
      return accountsOf({ lend, pause, clock: systemClock });
    });
  }
}

/** Not `Recorded`: each of its answers has a type of its own. */
const recordedDatabase = (database: Database, { across }: Recorder): Database => ({
  rows: (query, row) => across('statement', () => database.rows(query, row)),
  close: database.close,
});

import { connect } from '@gateway/db';
import { systemClock } from '@gateway/worker-utils/system-clock';
import { z } from 'zod';
import { type Accounts, accountsOf } from '../postgres/accounts-postgres.ts';
import { heldDatabase } from '../postgres/held-database.ts';
import { pause } from '@gateway/worker-utils/pause';

/** What a clearing asks Postgres. */
export function accountsFrom({ HYPERDRIVE }: Env): Accounts {
  const { lend } = heldDatabase(() => connect(HYPERDRIVE.connectionString));
  return accountsOf({ lend, pause, clock: systemClock });
}

/** Made once: making a schema costs more than all that is done with it. */
const Count = z.coerce.number().int().positive();

/** How many clearings there are. More of them write at once; fewer write more at once. */
export const batchersIn = ({ CLEARINGS }: Env): number => Count.parse(CLEARINGS);

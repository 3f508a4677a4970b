import { Client, types } from 'pg';
import { z } from 'zod';
import { makeCorkable } from './corkable.ts';
import type { Database } from './database.ts';

const CONNECT_MS_MAX = 2_000;
/** A statement that takes longer is given up: whoever waits for it has better things to do. */
const STATEMENT_MS_MAX = 5_000;

// Amounts are microdollars: a number holds nine billion dollars of them exactly. More stays text, which no schema of an
// amount accepts: better no answer than a wrong one.
types.setTypeParser(types.builtins.INT8, (text) => {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : text;
});
types.setTypeParser(types.builtins.NUMERIC, Number);

/** Where Postgres itself is asked, without a pool in front, a burst may find it full. */
const FULL = '53300';
const FULL_RETRIES_MAX = 20;
const FULL_PAUSE_MS = 100;

/** Opens a connection. Through Hyperdrive that is cheap: it lends one of its own. Throws where there is none to be had. */
export async function connect(connectionString: string): Promise<Database> {
  const client = await connectedClient(connectionString);
  return {
    async rows(query, row) {
      const result = await client.query({ ...query, values: [...query.values] });
      return z.array(row).parse(result.rows);
    },
    close: () => client.end(),
  };
}

async function connectedClient(connectionString: string): Promise<Client> {
  for (let retries = 0; ; retries++) {
    const client = new Client({
      connectionString,
      connectionTimeoutMillis: CONNECT_MS_MAX,
      query_timeout: STATEMENT_MS_MAX,
    });
    // A connection that breaks while nobody asks anything would otherwise end the process. The next question fails.
    client.on('error', () => undefined);
    makeCorkable(client.connection.stream);
    try {
      await client.connect();
      return client;
    } catch (cause) {
      const isFull = cause instanceof Error && 'code' in cause && cause.code === FULL;
      if (!isFull || retries === FULL_RETRIES_MAX) throw cause;
      await new Promise((resolve) => {
        setTimeout(resolve, FULL_PAUSE_MS);
      });
    }
  }
}

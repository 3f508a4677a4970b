import { Client, types } from 'pg';
import { z } from 'zod';
import type { Database } from './database.ts';

const CONNECT_MS_MAX = 2_000;
/** A statement that takes longer is given up: whoever waits for it has better things to do. */
const STATEMENT_MS_MAX = 5_000;

// Amounts are microdollars: a number holds nine billion dollars of them exactly.
types.setTypeParser(types.builtins.INT8, Number);
types.setTypeParser(types.builtins.NUMERIC, Number);

/** Opens a connection. Through Hyperdrive that is cheap: it lends one of its own. */
export async function connect(connectionString: string): Promise<Database> {
  const client = new Client({
    connectionString,
    connectionTimeoutMillis: CONNECT_MS_MAX,
    query_timeout: STATEMENT_MS_MAX,
  });
  // A connection that breaks while nobody asks anything would otherwise end the process. The next question fails.
  client.on('error', () => undefined);
  await client.connect();
  return {
    async rows(query, row) {
      const result = await client.query({ text: query.text, values: [...query.values] });
      return z.array(row).parse(result.rows);
    },
    close: () => client.end(),
  };
}

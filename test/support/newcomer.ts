import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask, type Usage, usageOf, usedBy } from '@gateway/db/inspect';
import { plant } from '@gateway/db/seed';
import { tokenFor } from '@gateway/local/stack/tokens';
import { z } from 'zod';

export type Person = {
  readonly id: string;
  readonly token: string;
  readonly pepper: string;
  /** Its rows, once there are as many. */
  readonly rows: (count: number) => Promise<readonly Usage[]>;
  readonly used: () => Promise<number | null>;
};
/** Only a guard against a test that would wait for ever. */
const ROWS_MS_MAX = 60_000;
/** What the tokens of a world are signed with. */
export const TOKEN_SECRET = randomUUID();

/** In one of these buckets, a caller's requests for certain models are answered through Vercel. */
const VERCEL_BUCKETS = 10;
const bucketOf = (seed: string): number =>
  createHash('sha256').update(`vercel_routing_${seed}`).digest().readUInt32BE(0) % 100;

/** One whose requests go to OpenRouter, unless a task or a failure sends them elsewhere. */
function newcomerId(): string {
  const id = randomUUID();
  return bucketOf(id) < VERCEL_BUCKETS ? newcomerId() : id;
}

export async function newcomer(
  databaseUrl: string,
  usd: number,
  domain = 'example.com',
): Promise<Person> {
  const id = newcomerId();
  const pepper = `pepper of ${id}`;
  const user = {
    id,
    google_user_email: `${id}@${domain}`,
    google_user_name: 'Newcomer',
    google_user_image_url: '',
    stripe_customer_id: '',
    api_token_pepper: pepper,
    total_microdollars_acquired: usd * 1_000_000,
  };
  await plant(databaseUrl, { kilocode_users: [user] });
  return {
    id,
    pepper,
    token: await tokenFor({ user: id, pepper, organization: null }, TOKEN_SECRET),
    rows: (count) => settledRows(databaseUrl, id, count),
    used: () => usedBy(databaseUrl, id),
  };
}

const settledRows = (
  databaseUrl: string,
  payer: string,
  count: number,
): Promise<readonly Usage[]> => until(count, () => usageOf(databaseUrl, payer));

/** Asks until there is an answer. */
export const untilRows = (databaseUrl: string, text: string): Promise<readonly unknown[]> =>
  until(1, () => ask(databaseUrl, { text }, z.unknown()));

/** What happens after the answer is not waited for by the client: asks until it has happened. */
async function until<Row>(
  count: number,
  rowsNow: () => Promise<readonly Row[]>,
): Promise<readonly Row[]> {
  const deadline = performance.now() + ROWS_MS_MAX;
  for (;;) {
    const rows = await rowsNow();
    if (rows.length >= count) return rows;
    if (performance.now() > deadline) throw new Error(`${rows.length} rows, not ${count}`);
    await sleep(20);
  }
}

import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask, type Usage, usageOf, usedBy } from '@gateway/db/inspect';
import { plant } from '@gateway/db/seed';
import { createTestDatabase } from '@gateway/db/test-database';
import { type Simulator } from '@gateway/local/simulator';
import { type Stack, type StackOptions, startStack } from '@gateway/local/stack';
import { tokenFor } from '@gateway/local/tokens';
import { inject } from 'vitest';
import { z } from 'zod';

/** A stack of its own for one test file: real workerd, real Postgres, a simulated provider. */
export type World = Stack & {
  readonly simulator: Simulator;
  /** Where it keeps its state. */
  readonly folder: string;
  readonly workerLines: readonly string[];
  /** Somebody with so much to spend. The domain of the e-mail says whether they are of the house. */
  readonly newcomer: (usd: number, domain?: string) => Promise<Person>;
  readonly ask: (request: Asked) => Promise<Response>;
};
export type Person = {
  readonly id: string;
  readonly token: string;
  readonly pepper: string;
  /** Its rows, once there are as many. */
  readonly rows: (count: number) => Promise<readonly Usage[]>;
  readonly used: () => Promise<number | null>;
};
type Asked = {
  readonly token?: string;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly path?: string;
  readonly signal?: AbortSignal;
};

/** Only a guard against a test that would wait for ever. */
const ROWS_MS_MAX = 60_000;
/** What the tokens of a world are signed with. */
export const TOKEN_SECRET = randomUUID();
/** What own keys are sealed under. */
export const BYOK_ENCRYPTION_KEY = randomBytes(32).toString('base64');

type WorldOptions = {
  readonly standIns?: StackOptions['standIns'];
  /** The workers then reach Postgres through this: a port, for a server and its port. */
  readonly between?: (server: { readonly host: string; readonly port: number }) => Promise<number>;
};

export async function startWorld(
  environment: Readonly<Record<string, string>> = {},
  { standIns = {}, between }: WorldOptions = {},
): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'llm-gateway-test-'));
  const databaseUrl = await createTestDatabase(inject('postgresUrl'));
  const workerLines: string[] = [];
  const stack = await startStack({
    folder,
    port: 0,
    environment: { NEXTAUTH_SECRET_PROD: TOKEN_SECRET, BYOK_ENCRYPTION_KEY, ...environment },
    databaseUrl: between ? await through(databaseUrl, between) : databaseUrl,
    isDurable: false,
    standIns,
    say: () => undefined,
    onWorkerLine: (line) => workerLines.push(line),
  });
  const { simulator } = stack;
  if (!simulator) throw new Error('This world needs the simulator.');

  return {
    ...stack,
    databaseUrl,
    simulator,
    folder,
    workerLines,
    async stop() {
      await stack.stop();
      rmSync(folder, { recursive: true, force: true });
    },
    newcomer: (usd, domain) => newcomer(databaseUrl, usd, domain),
    ask: ({ token, body, headers, path = '/api/openrouter/chat/completions', signal }) =>
      fetch(`${stack.url}${path}`, {
        method: 'POST',
        headers: { ...(token !== undefined && { authorization: `Bearer ${token}` }), ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
        ...(signal && { signal }),
      }),
  };
}

async function through(
  databaseUrl: string,
  between: NonNullable<WorldOptions['between']>,
): Promise<string> {
  const url = new URL(databaseUrl);
  url.port = String(await between({ host: url.hostname, port: Number(url.port) }));
  return url.href;
}

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

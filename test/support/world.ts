import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asRole, createTestDatabase } from '@gateway/db/test-database';
import { type Simulator } from '@gateway/local/simulator';
import { type Stack, type StackOptions, startStack } from '@gateway/local/stack/stack';
import { inject } from 'vitest';
import { newcomer, type Person, TOKEN_SECRET } from './newcomer.ts';

export { newcomer, TOKEN_SECRET, untilRows } from './newcomer.ts';

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
type Asked = {
  readonly token?: string;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly path?: string;
  readonly signal?: AbortSignal;
};

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
    databaseUrl,
    // With what a deployment lets them, in every test.
    async workersDatabaseUrl(owner) {
      const url = await asRole('workers', owner);
      return between ? through(url, between) : url;
    },
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

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRoles } from '@gateway/db/test-database';
import { startPostgres } from '@gateway/local/postgres/postgres';
import type { TestProject } from 'vitest/node';

/** One Postgres for a whole run: starting one takes longer than most tests. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), 'llm-gateway-test-postgres-'));
  const server = await startPostgres({ folder, password: 'test', isDurable: false });
  const url = server.urlOf('postgres');
  await createRoles(url);
  project.provide('postgresUrl', url);
  return async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  };
}

import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Client } from 'pg';
import type { ProvidedContext } from 'vitest';

declare module 'vitest' {
  // oxlint-disable-next-line typescript/consistent-type-definitions -- Vitest merges this into its own.
  export interface ProvidedContext {
    /** Of a server that all tests share. Each test file makes a database of its own. */
    readonly postgresUrl: string;
  }
}

/** The server that `test/setup` has started. */
export type TestServerUrl = ProvidedContext['postgresUrl'];

/** Makes an empty database on a test's server, and tells how to reach it. */
export async function createTestDatabase(serverUrl: TestServerUrl): Promise<string> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await run(serverUrl, `create database ${name}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}

/** The roles that a deployment has, and one for workers that share a connection string. */
export const createRoles = (serverUrl: TestServerUrl): Promise<void> =>
  run(
    serverUrl,
    `create role llm_gateway; create role session_ingest login password 'test';
     create role workers login password 'test' in role llm_gateway, session_ingest`,
  );

/** Lets a role of a deployment do there what it may do in a deployment, and no more. Returns how it reaches the database. */
export async function asRole(
  role: 'workers' | 'session_ingest',
  databaseUrl: string,
): Promise<string> {
  await run(databaseUrl, readFileSync(new URL('../grants.sql', import.meta.url), 'utf8'));
  const url = new URL(databaseUrl);
  url.username = role;
  url.password = 'test';
  return url.href;
}

/** Runs statements as they are. */
export async function run(connectionString: string, text: string): Promise<void> {
  const client = new Client({ connectionString });
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}

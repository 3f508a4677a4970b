import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseJson } from '@gateway/worker-utils/json';
import { z } from 'zod';

/** What other programs may know of a running stack. There only while it is ready. */
export const Running = z.object({
  /** Of the gateway. */
  url: z.string(),
  o11yUrl: z.string(),
  sessionIngestUrl: z.string(),
  databaseUrl: z.string(),
  simulatorUrl: z.string().nullable(),
  pid: z.int(),
  tokens: z.record(z.string(), z.string()),
  /** By the worker whose admin routes they open. */
  adminTokens: z.object({ gateway: z.string(), o11y: z.string() }),
});
export type Running = z.infer<typeof Running>;

const fileIn = (folder: string): string => join(folder, 'running.json');

/** Whole or not at all: nobody reads half of it. It holds tokens: only its owner may read it. */
export function announce(folder: string, running: Running): void {
  const draft = `${fileIn(folder)}.draft`;
  writeFileSync(draft, JSON.stringify(running, null, 2), { mode: 0o600 });
  renameSync(draft, fileIn(folder));
}

export const withdraw = (folder: string): void => rmSync(fileIn(folder), { force: true });

/** May be that of a stack that has died: check its pid before you believe it. */
export function announced(folder: string): Running | null {
  if (!existsSync(fileIn(folder))) return null;
  const json = parseJson(readFileSync(fileIn(folder), 'utf8'));
  const parsed = Running.safeParse(json.ok ? json.value : null);
  return parsed.success ? parsed.data : null;
}

import { cpSync, mkdtempSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask } from '@gateway/db/inspect';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { startWorld, type World } from '../../support/world.ts';

// `npm run proof` makes this long.
const RUNS = Number(process.env['PROOF_RUNS'] ?? 400);
/** The counts of two windows, and two hundred uses that Postgres does not have yet. */
const OBJECT_BYTES_MAX = 128 * 1024;
const BURST = 500;
const BURST_EVERY_MS = 100;
const BURSTS = Math.ceil(Math.min(RUNS * 5, 10_000) / BURST);

const model = 'minimax/minimax-m2.5:free';
const body = { model, messages: [{ role: 'user', content: 'Hello!' }] };

let world: World;
beforeAll(async () => {
  world = await startWorld({ CLIENT_ADDRESS: 'forwarded', SNAPSHOT_SECONDS: '600' });
});
afterAll(() => world.stop());

/** What the largest of the limiter's objects takes on disk, by SQLite's own account. */
function largestObjectBytes(): number {
  const folder = join(world.folder, 'objects', 'llm-gateway-RateLimiter');
  const files = readdirSync(folder).filter((name) => name.endsWith('.sqlite'));
  const sizes = files.map((name) => {
    // Read from a copy, with what is not in the file yet: the original is open in workerd.
    const copy = mkdtempSync(join(world.folder, 'copy-'));
    cpSync(folder, copy, {
      recursive: true,
      filter: (path) => path === folder || path.includes(name),
    });
    const database = new DatabaseSync(join(copy, name));
    const [pages] = Pages.parse(database.prepare('pragma page_count').all());
    const [page] = PageSize.parse(database.prepare('pragma page_size').all());
    database.close();
    return pages.page_count * page.page_size;
  });
  return Math.max(...sizes);
}
const Pages = z.tuple([z.object({ page_count: z.number() })]);
const PageSize = z.tuple([z.object({ page_size: z.number() })]);

const usesOfTheNetwork = async (): Promise<number> => {
  const text = `select count(*)::int as uses from free_model_usage where ip_address like '2001:db8:1:2:%'`;
  const [row] = await ask(world.databaseUrl, { text }, z.object({ uses: z.number() }));
  return row?.uses ?? Number.NaN;
};

test(`of ${BURSTS * BURST} requests at five thousand a second from all over one network, no more than two hundred are served, and no more is kept`, async () => {
  const { token } = await world.newcomer(10);
  const statusOf = async (asked: Parameters<World['ask']>[0]): Promise<number> => {
    const response = await world.ask(asked);
    await response.text();
    return response.status;
  };
  // So that its account is known before the flood.
  const paid = { ...body, model: 'sim/answer' };
  const known = await statusOf({ token, body: paid, headers: { 'x-forwarded-for': '192.0.2.1' } });
  expect(known).toBe(200);

  let sent = 0;
  const oneOfTheFlood = async () => {
    const n = (sent += 1);
    return statusOf({
      body,
      headers: { 'x-forwarded-for': `2001:db8:1:2::${n.toString(16)}` },
      // An account does not help: what is limited is the network.
      ...(n % 2 === 0 && { token }),
    });
  };
  const answers: Promise<number>[] = [];
  // The next burst does not wait for the answers to the one before: a flood would not either.
  for (let burst = 0; burst < BURSTS; burst++) {
    answers.push(...Array.from({ length: BURST }, oneOfTheFlood));
    await sleep(BURST_EVERY_MS);
  }
  const statuses = await Promise.all(answers);
  const served = statuses.filter((status) => status === 200).length;
  expect(new Set(statuses)).toEqual(new Set([200, 429]));
  expect(served).toBeLessThanOrEqual(200);
  expect(world.simulator.log()).toHaveLength(served + 1);

  // One whose turn was taken too late for the answer is a use all the same.
  await expect.poll(usesOfTheNetwork, { timeout: 20_000 }).toBeGreaterThanOrEqual(served);
  expect(await usesOfTheNetwork()).toBeLessThanOrEqual(200);
  const largest = largestObjectBytes();
  console.log(`${served} were served; the largest object takes ${largest} bytes.`);
  expect(largest).toBeLessThanOrEqual(OBJECT_BYTES_MAX);
  const elsewhere = { 'x-forwarded-for': '2001:db8:1:3::1' };
  expect(await statusOf({ body, headers: elsewhere })).toBe(200);
}, 600_000);

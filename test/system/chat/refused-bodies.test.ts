import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

const MEBIBYTE = 1024 * 1024;
const REQUESTS = 20;
/** The kernel counts in hundredths of a second. */
const TICK_MS = 10;

/** What the process of the workers has computed, in milliseconds: however busy the machine is with others. */
function computedMs(): number {
  const stat = readFileSync(`/proc/${world.pids().workerd}/stat`, 'utf8');
  const [user, system] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13)
    .map(Number);
  return ((user ?? Number.NaN) + (system ?? Number.NaN)) * TICK_MS;
}

async function computedFor(body: string, status: number): Promise<number> {
  const { token } = await world.newcomer(1);
  const send = async () => {
    const response = await world.ask({ token, body });
    await response.text();
    expect(response.status).toBe(status);
  };
  // The first compiles what the others run.
  await send();
  const before = computedMs();
  for (let request = 0; request < REQUESTS; request++) await send();
  return (computedMs() - before) / REQUESTS;
}

const ofSize = (bytes: number, [open, filler, close]: readonly [string, string, string]) =>
  open + filler.repeat(Math.floor((bytes - open.length - close.length) / filler.length)) + close;

test('20 MiB of empty objects are refused for less than a text of that size takes to read, and for less than 100 ms', async () => {
  const text = ofSize(20 * MEBIBYTE, ['{"model":"","x":"', 'a', '"}']);
  const objects = ofSize(20 * MEBIBYTE, ['[', '{},', '{}]']);
  const read = await computedFor(text, 404);
  const refused = await computedFor(objects, 413);
  console.log(`20 MiB: a text is read in ${read} ms of CPU, objects are refused in ${refused} ms.`);
  expect(refused).toBeLessThan(read);
  expect(refused).toBeLessThan(100);
});

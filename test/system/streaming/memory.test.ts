import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../support/launcher.ts';
import { slowClient } from '../../support/slow-client.ts';
import { startWorld, type World } from '../../support/world.ts';

// What long answers cost workerd in memory. `npm run proof` makes it whole.

const COUNT = process.env['PROOF_RUNS'] === undefined ? 30 : 100;
const AT_ONCE = 10;
const FAST_MIB_MAX = 64;
/** The socket, the buffers of both directions, and what the meter may have read ahead. Passed on natively, it is 0.8. */
const SLOW_MIB_MAX = 2 * COUNT;
/** So long that a meter that reads ahead of its clients is far beyond what they may take. */
const SLOW_SECONDS = 20;
const LOOK_MS = 20;
/** What the collector has not looked at yet counts as held. What is held is there each time. */
const TRIES = 3;
const TEST_MS_MAX = 300_000;

let world: World;
let token = '';
beforeAll(async () => {
  world = await startWorld();
  ({ token } = await world.newcomer(10_000));
  // The first load makes the heaps as large as they then stay. What must not happen is that they go on growing.
  await answers(COUNT, 8);
}, TEST_MS_MAX);
afterAll(() => world.stop());

const bodyOf = (megabytes: number) => ({
  model: `sim/huge~mb=${megabytes}`,
  messages: [{ role: 'user', content: 'Hello' }],
  stream: true,
});

/** To clients that read as fast as they can, ten at a time. */
async function answers(count: number, megabytes: number): Promise<void> {
  let left = count;
  const one = async () => {
    for (; left > 0; left -= 1) {
      const response = await world.ask({ token, body: bodyOf(megabytes) });
      let bytes = 0;
      for await (const chunk of response.body ?? []) bytes += Buffer.from(chunk).byteLength;
      expect(bytes).toBeGreaterThan(megabytes * 1024 * 1024);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
}

function residentMib(): number {
  const status = readFileSync(`/proc/${world.pids().workerd}/status`, 'utf8');
  return Number(/VmRSS:\s+(?<kib>\d+)/.exec(status)?.groups?.['kib']) / 1024;
}

/** By how much the most that was held exceeds what was held before: the least of a few tries, all of them after the same start. */
async function growthMib(most: number, work: () => Promise<void>): Promise<number> {
  const before = residentMib();
  const growths: number[] = [];
  while (growths.length < TRIES && !growths.some((growth) => growth < most)) {
    growths.push((await mostDuring(work)) - before);
  }
  return Math.min(...growths);
}

async function mostDuring(work: () => Promise<void>): Promise<number> {
  let most = residentMib();
  const looking = setInterval(() => {
    most = Math.max(most, residentMib());
  }, LOOK_MS);
  try {
    await work();
  } finally {
    clearInterval(looking);
  }
  return Math.max(most, residentMib());
}

// Linux alone tells what a process holds.
test.runIf(process.platform === 'linux')(
  `${COUNT} answers of 8 MB to fast clients, ten at a time, take at most ${FAST_MIB_MAX} MiB`,
  async () => {
    const growth = await growthMib(FAST_MIB_MAX, () => answers(COUNT, 8));
    expect(growth).toBeLessThan(FAST_MIB_MAX);
  },
  TEST_MS_MAX,
);

test.runIf(process.platform === 'linux')(
  `${COUNT} clients at 1 kB/s, with answers of 24 MB each, take at most ${SLOW_MIB_MAX} MiB`,
  async () => {
    const growth = await growthMib(SLOW_MIB_MAX, async () => {
      const before = world.simulator.log().length;
      const sockets = Array.from({ length: COUNT }, () =>
        slowClient({ url: world.url, token, body: bodyOf(24) }),
      );
      await eventually(() => world.simulator.log().length === before + COUNT, 'all calls');
      for (let second = 0; second < SLOW_SECONDS; second += 1) {
        await sleep(1000);
        for (const socket of sockets) socket.read(1024);
      }
      for (const socket of sockets) socket.destroy();
    });
    expect(growth).toBeLessThan(SLOW_MIB_MAX);
  },
  TEST_MS_MAX,
);

import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { asked, ownerOf } from '../../support/custom-llm.ts';
import { startWorld, type World } from '../../support/world.ts';

// What an endpoint that a tenant names can make workerd hold.

const AT_ONCE = 6;
/** Of each answer: without a limit, all of it would be held. */
const FLOOD_MIB = 128;
/** The budget of 16 MiB as bytes and as text, what is on its way, and garbage that nobody has collected yet. */
const GROWTH_MIB_MAX = 192;
const TEST_MS_MAX = 120_000;

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

function residentMib(): number {
  const status = readFileSync(`/proc/${world.pids().workerd}/status`, 'utf8');
  return Number(/VmRSS:\s+(?<kib>\d+)/.exec(status)?.groups?.['kib']) / 1024;
}

/** By how much the most that workerd holds during some work exceeds what it held before. */
async function growthDuring(work: () => Promise<void>): Promise<number> {
  const before = residentMib();
  let most = before;
  const looking = setInterval(() => {
    most = Math.max(most, residentMib());
  }, 20);
  await work().finally(() => clearInterval(looking));
  return Math.max(most, residentMib()) - before;
}

// Linux alone tells what a process holds.
test.runIf(process.platform === 'linux').each([
  { provider: 'anthropic', what: 'a JSON answer', stream: false, code: 200, status: 502 },
  { provider: 'openai', what: 'a JSON answer', stream: false, code: 200, status: 502 },
  { provider: 'anthropic', what: 'an error body', stream: false, code: 500, status: 500 },
  { provider: 'openai', what: 'an error body', stream: true, code: 400, status: 400 },
  { provider: 'anthropic', what: 'a line of a stream', stream: true, code: 200, status: 502 },
  { provider: 'openai', what: 'a line of a stream', stream: true, code: 200, status: 502 },
])(
  'holds a bounded part of $what that never ends ($provider)',
  async ({ provider, stream, code, status }) => {
    const codes = code === 200 ? '' : `~code=${code}`;
    const owner = await ownerOf(world, { provider, scenario: `sim/flood~mb=${FLOOD_MIB}${codes}` });
    const growth = await growthDuring(async () => {
      const statuses = await Promise.all(
        Array.from({ length: AT_ONCE }, async () => {
          const response = await asked(world, owner, { stream });
          await response.text().catch(() => '');
          return response.status;
        }),
      );
      expect(new Set(statuses)).toEqual(new Set([status]));
    });
    expect(growth).toBeLessThan(GROWTH_MIB_MAX);
  },
  TEST_MS_MAX,
);

test('answers again after endpoints have used up what may be held', async () => {
  const owner = await ownerOf(world, { provider: 'anthropic', scenario: 'sim/answer' });
  const response = await asked(world, owner, { stream: false });
  expect(response.status).toBe(200);
});

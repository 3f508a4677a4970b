import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../support/launcher.ts';
import { startWorld, type World } from '../../support/world.ts';

// An object that has nothing to keep leaves no file.

/** workerd closes an object that is idle for ten seconds, and its file is swept some seconds later. */
const SWEPT_MS_MAX = 60_000;

let world: World;
beforeAll(async () => {
  world = await startWorld({ CLIENT_ADDRESS: 'forwarded' });
});
afterAll(() => world.stop());

const messages = [{ role: 'user', content: 'Hello!' }];
const FREE = 'minimax/minimax-m2.5:free';
const PAID = 'anthropic/claude-sonnet-4.6';

/** Of how many objects there is any file. */
function filesOf(className: string): number {
  const folder = join(world.folder, 'objects', className);
  if (!existsSync(folder)) return 0;
  const files = readdirSync(folder).flatMap((name) => /^[0-9a-f]{64}/.exec(name)?.[0] ?? []);
  return new Set(files).size;
}
const swept = (className: string) =>
  eventually(() => filesOf(className) === 0, `no file of ${className}`, SWEPT_MS_MAX);

test(
  'refused keys, addresses that were only looked up, and sessions that never were leave no file',
  { timeout: 3 * SWEPT_MS_MAX },
  async () => {
    const poor = await world.newcomer(0);
    const { mallory: blocked = '' } = world.tokens;
    const numbers = Array.from({ length: 30 }, (_, n) => n);
    const keyed = () => ({
      'idempotency-key': crypto.randomUUID(),
      'x-forwarded-for': '192.0.2.1',
    });
    const refusals = await Promise.all(
      numbers.flatMap((n) => [
        world.ask({ token: poor.token, headers: keyed(), body: { model: PAID, messages } }),
        world.ask({ token: poor.token, headers: keyed(), body: { messages } }),
        world.ask({
          token: blocked,
          headers: { 'x-forwarded-for': `198.51.100.${n}` },
          body: { model: FREE, messages },
        }),
      ]),
    );
    expect(new Set(refusals.map(({ status }) => status))).toEqual(new Set([402, 404, 401]));
    await Promise.all(refusals.map((response) => response.text()));
    const rich = await world.newcomer(1);
    const failed = await world.ask({
      token: rich.token,
      headers: keyed(),
      body: { model: 'sim/status~code=400', messages },
    });
    expect(failed.status).toBe(400);
    await failed.text();
    const session = (n: number) => `ses_${String(n).padStart(26, '0')}`;
    const absent = await Promise.all(
      numbers.flatMap((n) =>
        [`DELETE /api/session/${session(n)}`, `GET /api/session/${session(n)}/export`].map(
          async (call) => {
            const [method = '', path = ''] = call.split(' ');
            const headers = { authorization: `Bearer ${poor.token}` };
            const response = await fetch(`${world.sessionIngestUrl}${path}`, { method, headers });
            await response.text();
            return response.status;
          },
        ),
      ),
    );
    expect(new Set(absent)).toEqual(new Set([404]));
    expect(filesOf('session-ingest-SessionIngestDO')).toBe(0);
    await swept('llm-gateway-Completion');
    await swept('llm-gateway-RateLimiter');
    await swept('session-ingest-SessionAccessCacheDO');
  },
);

test(
  'an answer that is kept, and a use that is counted, outlive the sweep',
  { timeout: 2 * SWEPT_MS_MAX },
  async () => {
    const { token } = await world.newcomer(1);
    const headers = { 'idempotency-key': crypto.randomUUID(), 'x-forwarded-for': '192.0.2.9' };
    const ask = async () => {
      const response = await world.ask({ token, headers, body: { model: FREE, messages } });
      return { status: response.status, text: await response.text() };
    };
    const answer = await ask();
    expect(answer.status).toBe(200);
    const calls = world.simulator.log().length;
    // Empty ones beside it, so that a sweep has been there.
    await world.ask({ token, headers: { ...headers, 'idempotency-key': 'x' }, body: {} });
    const classes = ['llm-gateway-Completion', 'llm-gateway-RateLimiter'];
    await expect.poll(() => classes.map(filesOf), { timeout: SWEPT_MS_MAX }).toEqual([1, 1]);
    expect(await ask()).toEqual(answer);
    expect(world.simulator.log()).toHaveLength(calls);
  },
);

import { plant } from '@gateway/db/seed';
import { tokenFor } from '@gateway/local/stack/tokens';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../support/launcher.ts';
import { memberOf } from '../../support/member.ts';
import { startWorld, TOKEN_SECRET, type World } from '../../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

const RUNNING_MAX = 50;
const bodyOf = (model: string) => ({
  model,
  messages: [{ role: 'user', content: 'Hello' }],
  max_tokens: 12,
  stream: true,
});

test('a member with fifty slow streams waits for the fifty-first, and keeps no other member out', async () => {
  const ann = await memberOf(world, { usd: 1000 });
  const bob = await world.newcomer(0);
  const { organization } = ann;
  await plant(world.databaseUrl, {
    organization_memberships: [
      { organization_id: organization, kilo_user_id: bob.id, role: 'member' },
    ],
  });
  const token = await tokenFor({ user: bob.id, pepper: bob.pepper, organization }, TOKEN_SECRET);

  const leaving = new AbortController();
  const { signal } = leaving;
  const slow = bodyOf('sim/stall~after=1~alive~n=5000~ms=100');
  const asked = Array.from({ length: RUNNING_MAX }, async () =>
    world.ask({ token: ann.token, body: slow, signal }),
  );
  const statuses = (await Promise.all(asked)).map(({ status }) => status);
  expect(statuses).toEqual(statuses.map(() => 200));

  const refused = await world.ask({ token: ann.token, body: bodyOf('sim/answer') });
  expect(refused.status).toBe(429);
  expect(refused.headers.get('retry-after')).toBe('2');
  expect(await refused.json()).toMatchObject({ error: 'Too many requests in progress' });
  const others = await world.ask({ token, body: bodyOf('sim/answer') });
  expect(others.status).toBe(200);
  expect(await others.text()).toContain('[DONE]');

  leaving.abort();
  await eventually(async () => {
    const response = await world.ask({ token: ann.token, body: bodyOf('sim/answer') });
    await response.text();
    return response.status === 200;
  }, 'a place for another request');
});

test('a person who pays alone may run more than that', async () => {
  const payer = await world.newcomer(1000);
  const leaving = new AbortController();
  const { signal } = leaving;
  const body = bodyOf('sim/stall~after=1~alive~n=5000~ms=100~tag=alone');
  const asked = Array.from({ length: RUNNING_MAX + 10 }, async () =>
    world.ask({ token: payer.token, body, signal }),
  );
  const statuses = (await Promise.all(asked)).map(({ status }) => status);
  expect(statuses).toEqual(statuses.map(() => 200));
  leaving.abort();
});

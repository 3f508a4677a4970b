import type { Database } from '@gateway/db';
import { ok } from '@gateway/worker-utils/result';
import { Instant } from '@gateway/worker-utils/time';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { modelHostsOf } from './model-hosts-database.ts';

/** A database that can go away, and how often it was asked. */
function place() {
  const state = { seconds: 0, isAway: false, tags: ['openai'], questions: 0 };
  const database: Database = {
    rows: async (_query, row) => z.array(row).parse([{ tags: state.tags }]),
    close: async () => undefined,
  };
  const hosts = modelHostsOf({
    lend: async (work) => {
      state.questions += 1;
      if (state.isAway) throw new Error('away');
      return work(database);
    },
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    clock: { now: () => Instant.parse(state.seconds * 1000) },
  });
  return { state, hosts };
}

test('who hosts a model is asked for once in five minutes', async () => {
  const { state, hosts } = place();
  const model = crypto.randomUUID();
  expect(await hosts.of(model)).toEqual(ok(['openai']));
  state.tags = ['openai', 'azure'];
  state.seconds = 299;
  expect(await hosts.of(model)).toEqual(ok(['openai']));
  expect(state.questions).toBe(1);
  state.seconds = 300;
  expect(await hosts.of(model)).toEqual(ok(['openai', 'azure']));
  expect(state.questions).toBe(2);
});

test('while the database is away, what was known is believed for a quarter of an hour', async () => {
  const { state, hosts } = place();
  const model = crypto.randomUUID();
  await hosts.of(model);
  state.isAway = true;
  state.seconds = 899;
  expect(await hosts.of(model)).toEqual(ok(['openai']));
  state.seconds = 900;
  expect(await hosts.of(model)).toMatchObject({ ok: false });
  expect(await hosts.of(crypto.randomUUID())).toMatchObject({ ok: false });
});

test('of however many models, a thousand are remembered: the one asked for longest ago is forgotten', async () => {
  const { state, hosts } = place();
  const first = crypto.randomUUID();
  await hosts.of(first);
  for (let n = 0; n < 1000; n += 1) await hosts.of(crypto.randomUUID());
  expect(state.questions).toBe(1001);
  await hosts.of(first);
  expect(state.questions).toBe(1002);
});

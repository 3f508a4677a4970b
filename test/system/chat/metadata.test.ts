import { randomUUID } from 'node:crypto';
import { ask } from '@gateway/db/inspect';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { eventually } from '../../support/launcher.ts';
import { startWorld, type World } from '../../support/world.ts';

// What a client says of itself and of its request is written beside the charge, and never decides whether there is one.

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

const PAID = 'anthropic/claude-sonnet-4.6';
const messages = [{ role: 'user', content: 'Hello!' }];
const microdollars = (usd: number) => Math.round(usd * 1_000_000);

test.each<[string, object, Readonly<Record<string, string>>, object]>([
  ['a fraction for max_tokens', { max_tokens: 100.5 }, {}, { max_tokens: null }],
  ['only max_completion_tokens', { max_completion_tokens: 321 }, {}, { max_tokens: 321 }],
  ['max_tokens below what a column holds', { max_tokens: -1e300 }, {}, { max_tokens: null }],
  [
    'NUL in its prompts',
    {
      messages: [
        { role: 'system', content: 'a\0b' },
        { role: 'user', content: 'c\0d' },
      ],
    },
    {},
    { system_prompt_prefix: 'ab', user_prompt_prefix: 'cd' },
  ],
  [
    'half a character at the cut of its prompt',
    { messages: [{ role: 'user', content: `${'x'.repeat(99)}😀` }] },
    {},
    { user_prompt_prefix: `${'x'.repeat(99)}\u{FFFD}` },
  ],
  [
    'a user agent of ten kilobytes',
    {},
    { 'user-agent': 'u'.repeat(10_000) },
    { http_user_agent: 'u'.repeat(500) },
  ],
  [
    'coordinates of its own telling, which are not believed',
    {},
    { 'x-vercel-ip-latitude': '52.5', 'x-vercel-ip-longitude': '13.4' },
    { http_x_vercel_ip_latitude: null, http_x_vercel_ip_longitude: null },
  ],
  [
    'transforms that are no list',
    { transforms: { a: 1 } },
    {},
    { has_middle_out_transform: false },
  ],
])('a request with %s is charged', async (_name, more, headers, row) => {
  const person = await world.newcomer(10);
  const body = { model: PAID, messages, stream: true, ...more };
  const response = await world.ask({ token: person.token, body, headers });
  await response.text();
  expect(response.status).toBe(200);
  const cost = microdollars(world.simulator.log().at(-1)?.cost ?? 0);
  expect(cost).toBeGreaterThan(0);
  expect(await person.rows(1)).toMatchObject([{ cost, has_error: false, ...row }]);
  expect(await person.used()).toBe(cost);
});

test('an organisation that no column could hold is nobody, and nothing is asked of a provider', async () => {
  const person = await world.newcomer(10);
  const before = world.simulator.log().length;
  const response = await world.ask({
    token: person.token,
    body: { model: PAID, messages },
    headers: { 'x-kilocode-organizationid': "acme'; drop table organizations" },
  });
  expect(response.status).toBe(401);
  expect(world.simulator.log()).toHaveLength(before);
});

test('fifty first requests at once with the same new labels are fifty rows, the exact sum, and each label once', async () => {
  const person = await world.newcomer(1000);
  const label = `agent ${randomUUID()}`;
  const before = world.simulator.log().length;
  const linesBefore = world.workerLines.length;
  const statuses = await Promise.all(
    Array.from({ length: 50 }, async () => {
      const response = await world.ask({
        token: person.token,
        body: { model: PAID, messages, stream: true },
        headers: { 'user-agent': label, 'x-kilocode-mode': label, 'x-kilocode-editorname': label },
      });
      await response.text();
      return response.status;
    }),
  );
  expect(new Set(statuses)).toEqual(new Set([200]));
  const rows = await person.rows(50);
  expect(rows).toHaveLength(50);
  const delivered = world.simulator.log().slice(before);
  const sum = delivered.reduce((total, { cost }) => total + microdollars(cost), 0);
  await eventually(async () => (await person.used()) === sum, 'the exact sum');
  expect(rows.reduce((total, { cost }) => total + cost, 0)).toBe(sum);
  for (const kind of ['http_user_agent', 'mode', 'editor_name']) {
    const text = `select from ${kind} where ${kind} = $1`;
    expect(await ask(world.databaseUrl, { text, values: [label] }, z.unknown())).toHaveLength(1);
  }
  // Nothing failed, was tried again, or was written without its labels.
  expect(rows.every((row) => row['http_user_agent'] === label && row['mode'] === label)).toBe(true);
  const lines = world.workerLines.slice(linesBefore);
  expect(lines.filter((line) => /"level":"(?:warn|error)"/.test(line))).toEqual([]);
});

test('labels beyond twenty an hour are not kept, and the charge is the same', async () => {
  const person = await world.newcomer(10);
  for (let n = 0; n < 26; n += 1) {
    const headers = { 'user-agent': `many ${person.id} ${n}` };
    const body = { model: PAID, messages, stream: true };
    await (await world.ask({ token: person.token, body, headers })).text();
    await person.rows(n + 1);
  }
  const rows = await person.rows(26);
  const kept = rows.filter((row) => row['http_user_agent'] !== null);
  expect(kept.length).toBeGreaterThanOrEqual(15);
  expect(kept.length).toBeLessThanOrEqual(20);
  expect(rows.at(-1)).toMatchObject({ http_user_agent: null, finish_reason: 'stop' });
  expect(await person.used()).toBe(rows.reduce((sum, { cost }) => sum + cost, 0));
});

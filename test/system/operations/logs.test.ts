import { parseJson } from '@gateway/worker-utils/json';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { startWorld, type World } from '../../support/world.ts';
import { eventually } from '../../support/launcher.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

const Line = z.looseObject({ level: z.string(), message: z.string() });
const lines = () =>
  world.workerLines.flatMap((text) => {
    const json = parseJson(text);
    const line = Line.safeParse(json.ok ? json.value : null);
    return line.success ? [line.data] : [];
  });
const logged = (message: string) => lines().filter((line) => line.message === message);

test('an exchange is one line of ids and numbers, and holds nothing that a client has sent', async () => {
  const person = await world.newcomer(10);
  const canary = 'canary-8d1f';
  const response = await world.ask({
    token: person.token,
    headers: {
      'user-agent': canary,
      'x-kilocode-editorname': canary,
      'x-forwarded-for': '203.0.113.99',
      cookie: canary,
    },
    body: {
      model: 'anthropic/claude-sonnet-4.6',
      messages: [{ role: 'user', content: canary }],
      stream: true,
    },
  });
  await response.text();
  const [row] = await person.rows(1);
  await eventually(() => logged('exchange').length === 1, 'a log line');
  expect(logged('exchange')).toMatchObject([
    {
      level: 'info',
      requestId: response.headers.get('x-request-id'),
      exchange: row?.id,
      payer: person.id,
      status: 200,
      ending: 'complete',
      cost: row?.cost,
    },
  ]);
  const everything = world.workerLines.join('\n');
  for (const secret of [canary, person.token, '203.0.113.99', 'Bearer', '@example.com']) {
    expect(everything).not.toContain(secret);
  }
  // Metrics were taken by the other worker, and everything else went well too.
  expect(lines().filter(({ level }) => level !== 'info')).toEqual([]);
});

test('a refusal is one line with its kind', async () => {
  const response = await world.ask({ body: '{' });
  await response.text();
  await eventually(() => logged('refused').length > 0, 'a log line');
  expect(logged('refused').at(-1)).toMatchObject({
    refusal: 'body-unreadable',
    requestId: response.headers.get('x-request-id'),
  });
});

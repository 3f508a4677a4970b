import { sseOf } from '@gateway/local/simulator';
import { parseJson } from '@gateway/worker-utils/json';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../support/launcher.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

const hello = { messages: [{ role: 'user', content: 'Hello!' }], stream: true };

test('however the network cuts a stream, the client gets the same bytes and we read the same usage', async () => {
  const person = await world.newcomer(1000);
  let requests = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        seed: fc.nat(1_000_000),
        cut: fc.constantFrom('', '~cut=1', '~cut=7'),
        lines: fc.constantFrom('', '~crlf'),
        text: fc.constantFrom('plain', 'multibyte'),
      }),
      async ({ seed, cut, lines, text }) => {
        const model = `sim/answer~tokens=6~seed=${seed}~text=${text}${cut}${lines}`;
        const response = await world.ask({ token: person.token, body: { ...hello, model } });
        const bytes = Buffer.from(await response.arrayBuffer());
        const delivered = world.simulator.log().at(-1);
        if (!delivered) throw new Error('Nothing was delivered.');
        expect(bytes.equals(sseOf(delivered))).toBe(true);

        requests += 1;
        const row = (await person.rows(requests)).find(
          (usage) => usage.message_id === delivered.generationId,
        );
        expect(row).toMatchObject({
          cost: Math.round(delivered.cost * 1_000_000),
          input_tokens: delivered.usage?.prompt_tokens,
          output_tokens: 6,
          finish_reason: 'stop',
          has_error: false,
        });
      },
    ),
    { numRuns: 60 },
  );
});

test('a long answer at full speed arrives whole', async () => {
  const person = await world.newcomer(1000);
  const response = await world.ask({
    token: person.token,
    body: { ...hello, model: 'sim/huge~mb=8' },
  });
  const bytes = await response.arrayBuffer();
  expect(bytes.byteLength).toBe(world.simulator.log().at(-1)?.bytesWritten);
  expect(await person.rows(1)).toMatchObject([{ has_error: false }]);
});

test('a bad event in a good stream costs nothing but itself', async () => {
  for (const model of ['sim/malformed', 'sim/null', 'sim/no-done']) {
    const person = await world.newcomer(10);
    const response = await world.ask({ token: person.token, body: { ...hello, model } });
    await response.text();
    const cost = Math.round((world.simulator.log().at(-1)?.cost ?? 0) * 1_000_000);
    expect(await person.rows(1)).toMatchObject([{ cost, has_error: false, finish_reason: 'stop' }]);
  }
});

test('whoever asks once more, where an event was no JSON, is not given such a one again', async () => {
  const body = { ...hello, model: 'sim/malformed~of=20' };
  const { token } = await world.newcomer(10);
  const dataOf = (text: string) =>
    text.split('\n').flatMap((line) => (line.startsWith('data: {') ? [line.slice(6)] : []));
  const first = await (await world.ask({ token, body })).text();
  expect(dataOf(first).every(isJson)).toBe(false);
  await eventually(async () => {
    const again = await (await world.ask({ token, body })).text();
    return again.match(/\[DONE\]/g)?.length === 1 && dataOf(again).every(isJson);
  }, 'a stream without it');
});

const isJson = (data: string): boolean => parseJson(data).ok;

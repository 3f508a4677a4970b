import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../support/launcher.ts';
import { startWorld, type World } from '../support/world.ts';

// How an answer ends, and what the client and the books are told of it.

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

const messages = [{ role: 'user', content: 'Hello' }];
const ERROR = 'The provider ended the answer before it was complete.';

test.each(['sim/cut~after=6~of=12', 'sim/reset~after=6~of=12', 'sim/answer~finish=no~done=no'])(
  '%s: a stream that ends too early says so, and costs what the provider took for it',
  async (model) => {
    const person = await world.newcomer(10);
    const body = { model, messages, stream: true };
    const response = await world.ask({ token: person.token, body });
    const text = await response.text();
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
    const events = text.split('\n\n').filter((event) => event.startsWith('data: {'));
    expect(JSON.parse(events.at(-1)?.slice('data: '.length) ?? '')).toMatchObject({
      object: 'chat.completion.chunk',
      model,
      error: { code: 502, message: ERROR },
      choices: [{ index: 0, delta: { content: '' }, finish_reason: 'error' }],
    });
    expect(await person.rows(1)).toMatchObject([{ has_error: true, streamed: true }]);
    const cost = Math.round((world.simulator.log().at(-1)?.cost ?? 0) * 1_000_000);
    await eventually(async () => (await person.used()) === cost, 'the charge');
  },
);

test.each(['sim/answer', 'sim/no-done', 'sim/error~after=3'])(
  '%s: nothing is added to an answer that is complete, or that failed by its own words',
  async (model) => {
    const person = await world.newcomer(10);
    const body = { model, messages, stream: true };
    const response = await world.ask({ token: person.token, body });
    expect(await response.text()).not.toContain(ERROR);
  },
);

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../../support/launcher.ts';
import { memberOf } from '../../support/member.ts';
import { type Others, startOthers, VERDICT } from '../../support/others.ts';
import { startWorld, type World } from '../../support/world.ts';

// Whoever is told of a request may be broken, slow, mute or away: no client notices, and nothing is charged otherwise.

let told: Others;
let world: World;
beforeAll(async () => {
  told = await startOthers();
  world = await startWorld(told.environment);
});
afterAll(async () => {
  await world.stop();
  await told.close();
});

const messages = [{ role: 'user', content: 'Hello!' }];
const PAID = 'anthropic/claude-sonnet-4.6';
const microdollars = (usd: number) => Math.round(usd * 1_000_000);

async function everythingGoesOn(): Promise<void> {
  const person = await world.newcomer(10);
  const body = { model: PAID, messages, stream: true };
  const response = await world.ask({ token: person.token, body });
  expect(response.status).toBe(200);
  expect((await response.text()).endsWith('data: [DONE]\n\n')).toBe(true);
  const cost = microdollars(world.simulator.log().at(-1)?.cost ?? 0);
  expect(await person.rows(1)).toMatchObject([{ cost, has_error: false }]);
  expect(await person.used()).toBe(cost);

  const member = await memberOf(world, { usd: 5, minimum: 5, emails: ['boss@example.com'] });
  expect((await world.ask({ token: member.token, body })).status).toBe(200);
  expect(await member.rows(1)).toMatchObject([{ has_error: false }]);

  const failing = { model: 'sim/status~code=500', messages };
  expect((await world.ask({ token: person.token, body: failing })).status).toBe(500);
  expect((await world.ask({ body: '{' })).status).toBe(400);
  await person.rows(2);
}

describe('everybody that is told of a request', () => {
  test('fails', async () => {
    told.behave({ status: 500, body: 'no' });
    await everythingGoesOn();
    const reported = () => world.workerLines.filter((line) => line.includes('no abuse verdict'));
    await eventually(() => reported().length > 0, 'a line of the log');
  });

  test('answers with nonsense', async () => {
    told.behave({ status: 200, body: '<html>' });
    await everythingGoesOn();
  });

  test('takes 20 seconds: an answer has come to its end before the first of them is given up', async () => {
    const person = await world.newcomer(10);
    const body = { model: PAID, messages, stream: true };
    const asked = () => told.sinks.abuse.received().length;
    told.behave({ status: 200, body: VERDICT, delayMs: 20_000 });
    const [questions, lines] = [asked(), world.workerLines.length];
    const response = await world.ask({ token: person.token, body });
    expect((await response.text()).endsWith('data: [DONE]\n\n')).toBe(true);
    const givenUp = () =>
      world.workerLines.slice(lines).filter((line) => line.includes('no abuse verdict'));
    expect(givenUp()).toEqual([]);
    await eventually(() => givenUp().length > 0, 'the line of who was given up');
    expect(asked()).toBe(questions + 1);
    expect(await person.rows(1)).toMatchObject([{ has_error: false }]);
  });

  test('never answers', async () => {
    told.behave('silent');
    await everythingGoesOn();
    await eventually(() => told.sinks.abuse.received().length > 0, 'a question');
  });

  test('is not there', async () => {
    await told.close();
    await everythingGoesOn();
    expect(await (await fetch(`${world.url}/health`)).json()).toEqual({ status: 'ok' });
  });
});

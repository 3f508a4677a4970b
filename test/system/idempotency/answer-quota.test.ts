import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Keyed, keyed, seen } from '../../support/keyed.ts';
import { startWorld, type World } from '../../support/world.ts';

// One user keeps so many answers under Idempotency-Keys. Beyond that, answers are served and not kept.

let world: World;
beforeAll(async () => {
  // Three short answers and their objects.
  world = await startWorld({ COMPLETION_KEPT_BYTES_MAX_PER_USER: String(64 * 1024) });
});
afterAll(() => world.stop());

const KEYS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'] as const;
const askAll = ({ ask }: Keyed) =>
  Promise.all(KEYS.map(async (key) => seen(await ask({ headers: { 'idempotency-key': key } }))));

test('serves every answer of parallel requests, keeps as many as fit, and makes the others anew', async () => {
  const [one, other] = [await keyed(world), await keyed(world)];
  const answers = await askAll(one);
  expect(answers.map(({ status }) => status)).toEqual(KEYS.map(() => 200));
  expect(one.calls()).toHaveLength(KEYS.length);

  const repeated = await askAll(one);
  expect(repeated.map(({ status }) => status)).toEqual(KEYS.map(() => 200));
  const replayed = repeated.filter(({ text }, index) => text === answers[index]?.text);
  expect(replayed).toHaveLength(3);
  expect(one.calls()).toHaveLength(2 * KEYS.length - 3);
  // Each that was made anew is an exchange of its own.
  expect(await one.person.rows(2 * KEYS.length - 3)).toHaveLength(2 * KEYS.length - 3);

  // What one user keeps takes no room from another.
  const first = await seen(await other.ask());
  expect(await seen(await other.ask())).toEqual(first);
  expect(other.calls()).toHaveLength(1);
});

import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { lockstep } from './lockstep.ts';

test('nobody asks a question before all have come to it, however many clients one has', async () => {
  const [one, other] = lockstep(2);
  const went: string[] = [];
  const first = one?.().then(() => went.push('one 1'));
  const second = one?.().then(() => went.push('one 2'));
  await sleep(5);
  expect(went).toEqual([]);

  const third = other?.().then(() => went.push('other 1'));
  await Promise.all([first, third]);
  expect(went).toEqual(['one 1', 'other 1']);

  const fourth = other?.().then(() => went.push('other 2'));
  await Promise.all([second, fourth]);
  expect(went).toEqual(['one 1', 'other 1', 'one 2', 'other 2']);
});

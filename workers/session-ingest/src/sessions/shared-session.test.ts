import { UserId } from '@gateway/worker-utils/ids';
import { Instant } from '@gateway/worker-utils/time';
import { expect, test } from 'vitest';
import { SessionId } from '../session-id.ts';
import type { SessionKey } from '../session-key.ts';
import { sharedSession, type UnknownIds } from './shared-session.ts';

const key = { user: UserId.parse('user'), session: SessionId.parse(`ses_${'a'.repeat(26)}`) };

function isolate() {
  const unknown: UnknownIds = new Map();
  const world = { at: 1_800_000_000_000, questions: 0 };
  const stored: { key: SessionKey | null } = { key: null };
  const read = async () => {
    world.questions += 1;
    return stored.key;
  };
  const clock = { now: () => Instant.parse(world.at) };
  return {
    world,
    stored,
    unknown,
    ask: (id: string) => sharedSession({ unknown, clock, read }, id),
  };
}

test('asks for an unknown id once a minute, however it is spelled', async () => {
  const { world, ask } = isolate();
  expect([await ask('ab'), await ask('AB'), await ask('ab')]).toEqual([null, null, null]);
  expect(world.questions).toBe(1);
  world.at += 60_000;
  await ask('ab');
  expect(world.questions).toBe(2);
});

test('an id that has become known is found within a minute, and one that is known is asked for each time', async () => {
  const { world, stored, ask } = isolate();
  await ask('ab');
  stored.key = key;
  world.at += 60_000;
  expect([await ask('ab'), await ask('ab')]).toEqual([key, key]);
  stored.key = null;
  expect(await ask('ab')).toBeNull();
});

test('remembers no more than ten thousand ids', async () => {
  const { unknown, ask } = isolate();
  for (let index = 0; index < 10_050; index += 1) await ask(String(index));
  expect(unknown.size).toBe(10_000);
});

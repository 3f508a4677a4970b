import { Instant } from '@gateway/worker-utils/time';
import { expect, test } from 'vitest';
import { emptyMemory, rememberedOf } from './remembered.ts';

function world() {
  let now = 0;
  let reads = 0;
  let begun = 0;
  let isAway = false;
  const failures: unknown[] = [];
  const thing = rememberedOf<string>({
    memory: emptyMemory(),
    read: async () => {
      begun += 1;
      await Promise.resolve();
      if (isAway) throw new Error('away');
      reads += 1;
      return `reading ${reads}`;
    },
    clock: { now: () => Instant.parse(now) },
    freshMs: 600_000,
    pause: () => Promise.resolve(),
    reportFailure: (cause) => failures.push(cause),
  });
  return {
    ...thing,
    failures,
    begun: () => begun,
    later: (ms: number) => (now += ms),
    away: (away: boolean) => (isAway = away),
  };
}

test('it is read once, and again when it is old', async () => {
  const { current, later } = world();
  expect([await current(), await current()]).toEqual(['reading 1', 'reading 1']);
  later(600_000);
  expect(await current()).toBe('reading 2');
});

test('while one reads it again, the others are told what is known', async () => {
  const { current, later } = world();
  await current();
  later(600_000);
  expect(await Promise.all([current(), current()])).toEqual(['reading 2', 'reading 1']);
});

test('what can not be read is told as it was, and tried again soon', async () => {
  const { current, later, away, failures } = world();
  await current();
  later(600_000);
  away(true);
  expect([await current(), await current()]).toEqual(['reading 1', 'reading 1']);
  expect(failures).toHaveLength(1);
  away(false);
  later(10_000);
  expect(await current()).toBe('reading 2');
});

test('what was never read is asked for by everybody who needs it, and seldom by who could do without', async () => {
  const { current, refresh, away, failures, known } = world();
  away(true);
  await Promise.all([refresh(), refresh(), refresh()]);
  expect(failures).toHaveLength(1);
  expect(await current()).toBeNull();
  away(false);
  expect(await current()).toBe('reading 1');
  expect(known()).toBe('reading 1');
});

test('requests that need it share one reading, and wait for none that has just failed', async () => {
  const { settled, away, begun, known, later } = world();
  away(true);
  await Promise.all([settled(), settled(), settled()]);
  await settled();
  expect({ begun: begun(), known: known() }).toEqual({ begun: 1, known: null });
  away(false);
  later(10_000);
  await Promise.all([settled(), settled()]);
  expect({ begun: begun(), known: known() }).toEqual({ begun: 2, known: 'reading 1' });
});

test('a reading that never came back is waited for no longer than five seconds', async () => {
  let now = 0;
  const memory = emptyMemory<string>();
  const rest = {
    memory,
    clock: { now: () => Instant.parse(now) },
    freshMs: 600_000,
    reportFailure: () => undefined,
  };
  const pause = async (ms: number) => {
    now += ms;
  };
  const never = new Promise<string>(() => undefined);
  void rememberedOf({ ...rest, pause, read: () => never }).settled();
  await rememberedOf({ ...rest, pause, read: async () => 'read' }).settled();
  expect({ value: memory.value, now }).toEqual({ value: 'read', now: 5_000 });
});

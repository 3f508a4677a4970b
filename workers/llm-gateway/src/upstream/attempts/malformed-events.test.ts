import { Instant } from '@gateway/worker-utils/time';
import { expect, test } from 'vitest';
import { malformedEventMemory } from './malformed-events.ts';

const at = (model: string) =>
  ({ target: { kind: 'platform', provider: 'openrouter' }, model }) as const;

test('remembers a target that sent malformed events for ten minutes, and no other target', () => {
  let now = 1_800_000_000_000;
  const garbled = malformedEventMemory(new Map(), { now: () => Instant.parse(now) });
  garbled.record(at('maker/model'));
  expect(garbled.isKnown(at('maker/model'))).toBe(true);
  expect(garbled.isKnown(at('maker/other'))).toBe(false);
  const elsewhere = {
    target: { kind: 'platform', provider: 'vercel' },
    model: 'maker/model',
  } as const;
  expect(garbled.isKnown(elsewhere)).toBe(false);
  now += 600_000;
  expect(garbled.isKnown(at('maker/model'))).toBe(false);
});

test('evicts the oldest target at the limit', () => {
  const garbled = malformedEventMemory(new Map(), { now: () => Instant.parse(1_800_000_000_000) });
  for (let count = 0; count <= 1000; count += 1) garbled.record(at(`maker/${count}`));
  expect(garbled.isKnown(at('maker/0'))).toBe(false);
  expect(garbled.isKnown(at('maker/1000'))).toBe(true);
});

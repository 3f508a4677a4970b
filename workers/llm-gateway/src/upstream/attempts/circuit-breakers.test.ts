import { ModelId } from '@gateway/worker-utils/ids';
import { Instant } from '@gateway/worker-utils/time';
import { expect, test } from 'vitest';
import { type Circuit, circuitBreakers, type PeerKnowledge } from './circuit-breakers.ts';
import { calls, model, openrouter, vercel } from '../../testing/platform-calls.ts';

/** OpenRouter is away from `downFrom` until `downUntil`; a request comes every so many seconds. */
function day({ every, until, down }: { every: number; until: number; down: [number, number] }) {
  let now = 1_800_000_000_000;
  const start = now;
  const circuits = circuitBreakers(new Map(), { now: () => Instant.parse(now) });
  const asked: { readonly second: number; readonly first: string }[] = [];
  for (let second = 0; second < until; second += every) {
    now = start + second * 1000;
    const [first] = circuits.inOrder(calls, model);
    const target = first?.target ?? openrouter;
    asked.push({ second, first: target.provider });
    const isDown = target === openrouter && second >= down[0] && second < down[1];
    if (isDown) circuits.recordOutcome({ target, model }, 'failed');
    else {
      circuits.recordOutcome({ target, model }, 'answering');
      circuits.recordOutcome({ target, model }, 'answered');
    }
  }
  return asked;
}

test('tries a failing target last except for probes, and returns its traffic after recovery', () => {
  const asked = day({ every: 4, until: 120, down: [0, 60] });
  const tries = asked.filter(({ second, first }) => first === 'openrouter' && second < 60);
  expect(tries.map(({ second }) => second)).toEqual([0, 4, 8, 20, 32, 44, 56]);
  const back = asked.filter(({ second }) => second >= 68);
  expect(back.map(({ first }) => first)).toEqual(back.map(() => 'openrouter'));
});

test('probes at most once in ten seconds under heavy load', () => {
  const asked = day({ every: 0.1, until: 90, down: [0, 60] });
  const tries = asked.filter(({ second, first }) => first === 'openrouter' && second < 60);
  expect(tries.length).toBeLessThanOrEqual(3 + 6);
  expect(
    asked.filter(({ second }) => second >= 72).every(({ first }) => first === 'openrouter'),
  ).toBe(true);
});

test('ignores occasional failures and failures of other models', () => {
  let now = 1_800_000_000_000;
  const circuits = circuitBreakers(new Map(), { now: () => Instant.parse(now) });
  const first = () => circuits.inOrder(calls, model)[0]?.target;
  for (let count = 0; count < 10; count += 1) {
    circuits.recordOutcome({ target: openrouter, model }, 'failed');
    circuits.recordOutcome({ target: openrouter, model }, 'failed');
    circuits.recordOutcome({ target: openrouter, model }, 'answered');
    circuits.recordOutcome({ target: openrouter, model: ModelId.parse('maker/other') }, 'failed');
  }
  expect(first()).toBe(openrouter);
  for (let count = 0; count < 5; count += 1) {
    circuits.recordOutcome({ target: openrouter, model }, 'failed');
    now += 61_000;
  }
  expect(first()).toBe(openrouter);
});

test('counts answers that break off as failures', () => {
  const circuits = circuitBreakers(new Map(), { now: () => Instant.parse(1_800_000_000_000) });
  for (let count = 0; count < 3; count += 1) {
    circuits.recordOutcome({ target: openrouter, model }, 'answering');
    circuits.recordOutcome({ target: openrouter, model }, 'failed');
  }
  expect(circuits.inOrder(calls, model)[0]?.target).toBe(vercel);
});

test('lets only one request probe at a time', () => {
  let now = 1_800_000_000_000;
  const circuits = circuitBreakers(new Map(), { now: () => Instant.parse(now) });
  const first = () => circuits.inOrder(calls, model)[0]?.target;
  for (let count = 0; count < 3; count += 1)
    circuits.recordOutcome({ target: openrouter, model }, 'failed');
  now += 10_000;
  expect([first(), first(), first()]).toEqual([openrouter, vercel, vercel]);
  now += 15_000;
  expect(first()).toBe(openrouter);
  circuits.recordOutcome({ target: openrouter, model }, 'answering');
  expect([first(), first()]).toEqual([openrouter, openrouter]);
});

test('bounds the memory when clients make up model names', () => {
  const memory = new Map<string, Circuit>();
  const circuits = circuitBreakers(memory, { now: () => Instant.parse(1_800_000_000_000) });
  for (let count = 0; count < 5000; count += 1) {
    circuits.recordOutcome(
      { target: openrouter, model: ModelId.parse(`maker/${count}`) },
      'failed',
    );
  }
  expect(memory.size).toBe(1000);
});

test('ignores peer knowledge older than the latest local failure', () => {
  let now = 1_800_000_000_000;
  const waiting: (() => void)[] = [];
  const others = {
    publish: () => undefined,
    // The answer is on its way while more fails.
    ask: (_place: string, hear: (knowledge: PeerKnowledge) => void) => {
      waiting.push(() => hear({ kind: 'closed', sinceMs: 0 }));
    },
  };
  const circuits = circuitBreakers(new Map(), { now: () => Instant.parse(now) }, others);
  for (let count = 0; count < 3; count += 1) {
    circuits.recordOutcome({ target: openrouter, model }, 'failed');
    now += 100;
  }
  for (const answer of waiting) answer();
  expect(waiting).toHaveLength(1);
  expect(circuits.inOrder(calls, model)[0]?.target).toBe(vercel);
});

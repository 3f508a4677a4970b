import { Instant } from '@gateway/worker-utils/time';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Target } from '../../exchange/exchange.ts';
import { type CircuitEvent, circuitBreakers, type Peers, PROBE_MS } from './circuit-breakers.ts';
import { calls, model } from '../../testing/platform-calls.ts';
import { peerKnowledgeOf, type SharedState, sharedStateAfter } from './shared-circuit.ts';

const START = 1_800_000_000_000;

/** Isolates of one gateway, and what lies between them. `lost` says of each message whether it is. */
function isolates(count: number, lost: () => boolean = () => false) {
  let now = START;
  const clock = { now: () => Instant.parse(now) };
  const objects = new Map<string, SharedState>();
  const told: { readonly place: string; readonly news: CircuitEvent }[] = [];
  let asked = 0;
  const others: Peers = {
    publish(place, news) {
      told.push({ place, news });
      if (!lost()) objects.set(place, sharedStateAfter(news, clock.now()));
    },
    ask(place, hear) {
      asked += 1;
      if (!lost()) hear(peerKnowledgeOf(objects.get(place) ?? null, clock.now()));
    },
  };
  const all = Array.from({ length: count }, () => circuitBreakers(new Map(), clock, others));
  /** A request there, whose first target answers or does not. Returns whom it asked first. */
  const request = (isolate: number, isDown: (provider: string) => boolean): string => {
    const circuits = all[isolate % count];
    for (const { target } of circuits?.inOrder(calls, model) ?? []) {
      if (isDown(target.provider)) circuits?.recordOutcome({ target, model }, 'failed');
      else {
        circuits?.recordOutcome({ target, model }, 'answering');
        circuits?.recordOutcome({ target, model }, 'answered');
        return target.provider;
      }
    }
    return 'nobody';
  };
  return {
    request,
    told,
    asked: () => asked,
    second: () => (now - START) / 1000,
    pass: (ms: number) => {
      now += ms;
    },
  };
}
const openrouterDown = (provider: string) => provider === 'openrouter';
const nobodyDown = () => false;

test('neither publishes nor asks about a healthy gateway', () => {
  const { request, pass, told, asked } = isolates(3);
  for (let n = 0; n < 100; n += 1) {
    request(n, nobodyDown);
    pass(500);
  }
  expect(told).toEqual([]);
  expect(asked()).toBe(0);
});

test('opens after one failure when another isolate has opened the circuit', () => {
  const { request, pass, told } = isolates(2);
  for (let n = 0; n < 3; n += 1) request(0, openrouterDown);
  expect(told).toEqual([{ place: 'platform openrouter maker/model', news: 'opened' }]);
  pass(1000);
  // Here nothing has failed yet: it is found out, and then asked for.
  const seen: string[] = [];
  const watched = (provider: string) => (seen.push(provider), openrouterDown(provider));
  request(1, watched);
  request(1, watched);
  expect(seen).toEqual(['openrouter', 'vercel', 'vercel']);
  // What fails when it is tried out is left alone again, however little has failed here.
  pass(11_000);
  request(1, watched);
  request(1, watched);
  expect(seen.slice(3)).toEqual(['openrouter', 'vercel', 'vercel']);
});

test('closes everywhere after one isolate detects the recovery', () => {
  const { request, pass, told } = isolates(2);
  for (let n = 0; n < 6; n += 1) request(n, openrouterDown);
  pass(11_000);
  expect(request(0, nobodyDown)).toBe('openrouter');
  pass(1000);
  // Its own circuit would let it be tried as well; but it is closed, and not tried out.
  expect([request(1, nobodyDown), request(1, nobodyDown)]).toEqual(['openrouter', 'openrouter']);
  expect(told.map(({ news }) => news)).toEqual(['opened', 'opened', 'probing', 'closed']);
});

test('publishes an open circuit once while every target fails', () => {
  const { request, pass, told, asked } = isolates(1);
  for (let n = 0; n < 80; n += 1) {
    request(0, () => true);
    pass(100);
  }
  expect(told.filter(({ place }) => place.includes('openrouter'))).toHaveLength(1);
  expect(asked()).toBeLessThanOrEqual(2 * 3);
});

test('shares nothing about BYOK keys and custom endpoints', () => {
  const heard: string[] = [];
  const others = {
    publish: (place: string) => heard.push(place),
    ask: (place: string) => heard.push(place),
  };
  const circuits = circuitBreakers(new Map(), { now: () => Instant.parse(START) }, others);
  const keys = [{ id: 'key', provider: 'openai', sealed: null }] as const;
  const target: Target = { kind: 'byok', provider: 'vercel', keys };
  for (let n = 0; n < 5; n += 1) circuits.recordOutcome({ target, model }, 'failed');
  expect(heard).toEqual([]);
});

describe('with any distribution of requests and any lost events', () => {
  const arrivals = fc.array(
    fc.record({ isolate: fc.nat(3), afterMs: fc.integer({ min: 1, max: 4000 }) }),
    { minLength: 20, maxLength: 60 },
  );
  const losses = fc.infiniteStream(fc.boolean());

  test('returns all traffic within 25 s after a one-minute outage', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), arrivals, losses, (count, gaps, lost) => {
        const world = isolates(count, () => lost.next().value === true);
        const late: string[] = [];
        for (let n = 0; world.second() < 120; n += 1) {
          const { isolate, afterMs } = gaps[n % gaps.length] ?? { isolate: 0, afterMs: 1000 };
          const isUp = world.second() >= 60;
          const first = world.request(isolate, isUp ? nobodyDown : openrouterDown);
          if (world.second() > 85) late.push(first);
          world.pass(afterMs);
        }
        expect(new Set(late)).toEqual(new Set(['openrouter']));
      }),
    );
  });

  test('an isolate without failures asks no peers and keeps the order of targets', () => {
    fc.assert(
      fc.property(arrivals, losses, (gaps, lost) => {
        const world = isolates(4, () => lost.next().value === true);
        const elsewhere: string[] = [];
        for (const { isolate, afterMs } of gaps) {
          // Only the first isolate's way to OpenRouter is broken.
          if (isolate === 0) world.request(0, openrouterDown);
          else elsewhere.push(world.request(isolate, nobodyDown));
          world.pass(afterMs);
        }
        expect(elsewhere.filter((first) => first !== 'openrouter')).toEqual([]);
      }),
    );
  });
});

test('shared state never outlasts the time of a probe', () => {
  const news = fc.constantFrom<CircuitEvent>('opened', 'probing', 'closed');
  fc.assert(
    fc.property(news, fc.nat(200_000), (word, laterMs) => {
      const shared = sharedStateAfter(word, Instant.parse(START));
      const known = peerKnowledgeOf(shared, Instant.parse(START + laterMs));
      const openMs = known.kind === 'open' ? known.forMs + laterMs : 0;
      expect(openMs).toBeLessThanOrEqual(PROBE_MS);
      expect(known.kind === 'closed' ? known.sinceMs : laterMs).toBe(laterMs);
      expect(known.kind === 'closed').toBe(word === 'closed' && laterMs <= 60_000);
    }),
  );
});

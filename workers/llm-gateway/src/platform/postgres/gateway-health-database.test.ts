import { Instant } from '@gateway/worker-utils/time';
import { expect, test } from 'vitest';
import { type GatewayHealth, unknownHealth } from '../../policy/vercel-routing.ts';
import { healthMemory } from './gateway-health-database.ts';

const failing: GatewayHealth = { ...unknownHealth, openrouter: { attempts: 30, failed: 30 } };

/** An isolate at a time of the test's choosing, beside a database that answers when the test says so. */
function isolate() {
  const memory = healthMemory();
  const questions: ReturnType<typeof Promise.withResolvers<GatewayHealth>>[] = [];
  const lines: string[] = [];
  const work: Promise<void>[] = [];
  const patience = Promise.withResolvers<void>();
  const note = (message: string) => lines.push(message);
  return {
    questions,
    lines,
    settled: () => Promise.all(work),
    /** The 500 ms are over for whoever waits. */
    loseThePatience: patience.resolve,
    at: (seconds: number) =>
      memory({
        ask: () => {
          const question = Promise.withResolvers<GatewayHealth>();
          questions.push(question);
          return question.promise;
        },
        clock: { now: () => Instant.parse(1_000_000 + seconds * 1000) },
        pause: () => patience.promise,
        background: (task) => work.push(task),
        log: { info: note, warn: note, error: note },
        report: async ({ message }) => {
          note(message);
        },
      }),
  };
}

test('the first request asks, and its answer is good for a minute', async () => {
  const { at, questions, lines } = isolate();
  const first = at(0);
  questions[0]?.resolve(failing);
  expect(await first).toEqual(failing);
  expect(await at(59)).toEqual(failing);
  expect(questions).toHaveLength(1);
  expect(lines).toEqual(['OpenRouter fails: most of what Vercel has too goes there']);
});

test('after a minute it is asked again, and nobody waits for it', async () => {
  const { at, questions, settled } = isolate();
  const first = at(0);
  questions[0]?.resolve(failing);
  await first;
  expect(await at(61)).toEqual(failing);
  expect(await at(62)).toEqual(failing);
  expect(questions).toHaveLength(2);
  questions[1]?.resolve(unknownHealth);
  await settled();
  expect(await at(63)).toEqual(unknownHealth);
});

test('what is older than two minutes is not believed', async () => {
  const { at, questions } = isolate();
  const first = at(0);
  questions[0]?.resolve(failing);
  await first;
  const later = at(120);
  questions[1]?.resolve(unknownHealth);
  expect(await later).toEqual(unknownHealth);
});

test('a slow answer steers the requests after it', async () => {
  const { at, questions, settled, loseThePatience } = isolate();
  const first = at(0);
  loseThePatience();
  expect(await first).toEqual(unknownHealth);
  questions[0]?.resolve(failing);
  await settled();
  expect(await at(1)).toEqual(failing);
});

test('while one asks, the others neither ask nor wait', async () => {
  const { at, questions } = isolate();
  const first = at(0);
  expect(await at(0)).toEqual(unknownHealth);
  expect(await at(9)).toEqual(unknownHealth);
  expect(questions).toHaveLength(1);
  questions[0]?.resolve(failing);
  expect(await first).toEqual(failing);
});

test('a database that fails is left alone for ten seconds', async () => {
  const { at, questions, lines } = isolate();
  const first = at(0);
  questions[0]?.reject(new Error('away'));
  expect(await first).toEqual(unknownHealth);
  expect(await at(9)).toEqual(unknownHealth);
  expect(questions).toHaveLength(1);
  const again = at(10);
  questions[1]?.resolve(failing);
  expect(await again).toEqual(failing);
  expect(lines[0]).toBe('health of the gateways unknown');
});

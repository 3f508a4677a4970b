import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Failure, Saw } from './ask.ts';
import type { Call } from './calls.ts';
import { circuitProblems } from './outage.ts';
import {
  answerOf,
  failover,
  isHammered,
  late,
  problemsOf,
  problemsOfAll,
  wholeWhenAskedAgain,
} from './verdict.ts';

const WHOLE = 'the river carried small boats';
const saw = (more: Partial<Saw> = {}): Saw => ({
  startedAt: 1000,
  firstTokenAt: 1100,
  endedAt: 1200,
  status: 200,
  named: 'vercel',
  text: WHOLE,
  finish: 'stop',
  failure: null,
  ...more,
});
const call = (more: Partial<Call> = {}): Call => ({
  gateway: 'vercel',
  at: 1000,
  status: 200,
  tokens: 5,
  ending: 'complete',
  cost: 0,
  ...more,
});
const broken: Failure = { kind: 'broken', message: '' };

test('a part of an answer is never a success, wherever it was cut', () => {
  fc.assert(
    fc.property(fc.nat(WHOLE.length - 1), fc.constantFrom('stop', null), (length, finish) => {
      expect(answerOf(saw({ text: WHOLE.slice(0, length), finish }), WHOLE)).toBe('truncated');
    }),
  );
  expect(answerOf(saw({ finish: null }), WHOLE)).toBe('truncated');
});

test('an answer that is told twice, or has words that nobody said, is no success', () => {
  expect(answerOf(saw({ text: WHOLE + WHOLE }), WHOLE)).toBe('garbled');
  expect(answerOf(saw({ text: 'lost', failure: broken }), WHOLE)).toBe('garbled');
  expect(answerOf(saw({ text: 'the river', failure: broken }), WHOLE)).toBe('broken');
  expect(answerOf(saw(), WHOLE)).toBe('whole');
});

test('six calls within the budgets are no hammering, one more or one sooner is', () => {
  expect(isHammered([0, 300, 1500, 1800, 3000, 4500])).toBe(false);
  expect(isHammered([0, 300, 1500, 1800, 3000, 4500, 9000])).toBe(true);
  expect(isHammered([0, 300, 900])).toBe(true);
  expect(isHammered([0, 300, 1500, 1800, 2500])).toBe(true);
});

test('what is wrong with an answer is told, and nothing where all is right', () => {
  const failed = call({ gateway: 'openrouter', status: 503, tokens: 0, ending: 'error' });
  expect(problemsOf({ saw: saw(), calls: [failed, call()] }, failover, WHOLE)).toEqual([]);
  const named = { saw: saw({ named: 'openrouter' }), calls: [failed, call()] };
  expect(problemsOf(named, failover, WHOLE)).toEqual(['the response names openrouter']);
  const slow = saw({ firstTokenAt: 17_000, endedAt: 30_000 });
  const silent = call({ gateway: 'openrouter', status: 0, tokens: 0 });
  expect(problemsOf({ saw: slow, calls: [silent, silent, call()] }, late, WHOLE)).toEqual([
    'it took too long',
    'the first token came too late',
    'a silent gateway was asked again',
    'the gateways were hammered',
  ]);
});

test('a caller whose library throws at an event must get the whole answer when it asks again', () => {
  const thrown = {
    saw: saw({ text: 'the river', finish: null, failure: broken }),
    calls: [call()],
  };
  const whole = { saw: saw(), calls: [call()] };
  const problems = (...observed: readonly (typeof whole)[]) =>
    problemsOfAll(observed, wholeWhenAskedAgain, WHOLE);
  expect(problems(whole)).toEqual([]);
  expect(problems(thrown, whole)).toEqual([]);
  expect(problems(thrown, thrown)).toEqual(['asked again, the caller got: broken']);
  const part = { saw: saw({ text: 'the river' }), calls: [call()] };
  expect(problems(part, whole)).toEqual(['the caller got: truncated']);
});

/** Twenty requests, four seconds apart: which of them ask the gateway that is down for a minute first? */
const outage = (asksFirst: (turn: number) => boolean) =>
  Array.from({ length: 20 }, (_, turn) => {
    const at = turn * 4000;
    const status = at < 60_000 ? 503 : 200;
    const primary = call({ gateway: 'openrouter', at, status });
    const calls = [
      ...(asksFirst(turn) ? [primary] : []),
      ...(asksFirst(turn) && status === 200 ? [] : [call({ at })]),
    ];
    return { saw: saw({ startedAt: at }), calls };
  });

test('a circuit that does not open, does not try or does not close is told', () => {
  expect(circuitProblems(outage((turn) => turn < 3 || turn % 4 === 0 || turn > 15))).toEqual([]);
  expect(circuitProblems(outage(() => true))).toEqual(['the circuit did not open']);
  expect(circuitProblems(outage((turn) => turn < 3))).toEqual(['nobody tried whether it is back']);
  expect(circuitProblems(outage((turn) => turn < 3 || turn === 16))).toEqual([
    'the circuit did not close',
  ]);
});

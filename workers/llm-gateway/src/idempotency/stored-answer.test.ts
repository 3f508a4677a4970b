import { ExchangeId } from '@gateway/worker-utils/ids';
import { Instant } from '@gateway/worker-utils/time';
import { describe, expect, test } from 'vitest';
import { type StoredAnswer, decisionOn } from './stored-answer.ts';

const exchange = ExchangeId.parse('11111111-1111-4111-8111-111111111111');
const kept = (state: StoredAnswer['state']): StoredAnswer => ({
  exchange,
  bodyHash: 'same',
  state,
  parts: 3,
  deleteAt: Instant.parse(86_400_000),
});
const whole = { isOutgrown: false };
const outgrown = { isOutgrown: true };

test('an unused key starts a new exchange', () => {
  expect(decisionOn(null, { bodyHash: 'same', running: null })).toEqual({
    kind: 'begin',
    exchange: null,
  });
});

describe('the same body', () => {
  test('joins an answer in progress', () => {
    expect(decisionOn(kept('begun'), { bodyHash: 'same', running: whole })).toEqual({
      kind: 'join',
      running: whole,
    });
  });

  test('restarts an abandoned answer under the same exchange', () => {
    expect(decisionOn(kept('begun'), { bodyHash: 'same', running: null })).toEqual({
      kind: 'begin',
      exchange,
    });
  });

  test('replays a complete answer, even while it is still settling', () => {
    for (const running of [null, whole]) {
      expect(decisionOn(kept('complete'), { bodyHash: 'same', running })).toMatchObject({
        kind: 'replay',
      });
    }
  });

  test('is refused if the answer is too long to store, both during and after it', () => {
    const refusal = { kind: 'refuse', refusal: 'key-answer-too-large' };
    expect(decisionOn(kept('begun'), { bodyHash: 'same', running: outgrown })).toEqual(refusal);
    expect(decisionOn(kept('outgrown'), { bodyHash: 'same', running: null })).toEqual(refusal);
  });
});

test.each(['begun', 'complete', 'outgrown'] as const)(
  'another body is refused where an answer is %s',
  (state) => {
    for (const running of [null, whole, outgrown]) {
      expect(decisionOn(kept(state), { bodyHash: 'other', running })).toEqual({
        kind: 'refuse',
        refusal: 'key-reused',
      });
    }
  },
);

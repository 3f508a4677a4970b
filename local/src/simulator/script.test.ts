import { assert, integer, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exchangeOf } from './exchange.ts';
import { identityOf } from './identity.ts';
import { ChatRequest } from './request.ts';
import { Scenario, scenarioOf } from './scenario.ts';
import { scriptOf } from './script.ts';
import type { Step } from './step.ts';

const request = ChatRequest.parse({
  model: 'sim/answer',
  messages: [{ role: 'user', content: 'Tell me.' }],
  stream: true,
});

const stepsOf = (scenario: string): Step[] => [
  ...scriptOf(
    exchangeOf({
      protocol: 'chat',
      request,
      scenario: Scenario.parse(scenario),
      identity: identityOf(1, 1),
    }),
  ),
];

const bytesOf = (steps: readonly Step[]): Buffer =>
  Buffer.concat(steps.flatMap((step) => (step.kind === 'bytes' ? [step.bytes] : [])));

const tokensOf = (steps: readonly Step[]): number =>
  steps.reduce((sum, step) => sum + (step.kind === 'bytes' ? step.tokens : 0), 0);

const TOKENS = 7;
const answer = `answer~tokens=${TOKENS}~text=multibyte`;
const whole = bytesOf(stepsOf(answer));

const text = (model: string): string | undefined => scenarioOf(model).data?.text;

describe('a script', () => {
  it('has the same bytes and tokens in writes of any size', () => {
    assert(
      property(integer({ min: 1, max: 4000 }), (size) => {
        const steps = stepsOf(`${answer}~cut=${size}`);
        expect(bytesOf(steps)).toEqual(whole);
        expect(tokensOf(steps)).toBe(TOKENS);
      }),
      { numRuns: 50 },
    );
  });

  it('has the same bytes where every event leaves alone', () => {
    expect(bytesOf(stepsOf(`${answer}~apart`))).toEqual(whole);
  });

  it('has the same bytes whatever seed cuts the writes, as far as the text is the same', () => {
    assert(
      property(integer({ min: 0, max: 0xff_ff_ff_ff }), (seed) => {
        const steps = stepsOf(`answer~seed=${seed}`);
        const one = stepsOf(`answer~seed=${seed}~cut=65536`);
        expect(bytesOf(steps)).toEqual(bytesOf(one));
      }),
      { numRuns: 50 },
    );
  });

  it('cut at any byte is a prefix of the whole, and counts no token that is not out', () => {
    assert(
      property(integer({ min: 0, max: whole.length + 10 }), (at) => {
        const steps = stepsOf(`cut~at=${at}~tokens=${TOKENS}~text=multibyte`);
        expect(bytesOf(steps)).toEqual(whole.subarray(0, at));
        const events = bytesOf(steps).toString().split('\n\n').slice(0, -1);
        const contents = events.filter((event) => /"content":"[^"]/.test(event));
        expect(tokensOf(steps)).toBe(contents.length);
      }),
      { numRuns: 100 },
    );
  });

  it('cut after any number of tokens delivers just these', () => {
    for (let after = 0; after <= TOKENS; after += 1) {
      const steps = stepsOf(`cut~after=${after}~of=${TOKENS}`);
      expect(tokensOf(steps)).toBe(after);
      expect(steps.at(-1)).toMatchObject({ kind: 'end', as: 'cut' });
    }
  });
});

describe('the grammar', () => {
  it('reads a scenario from a model of any vendor, in any case, before any colon', () => {
    expect(text(' SIM/Cut~After=4:free ')).toBe('cut~after=4');
    expect(text('anthropic/sim-stall~after=1')).toBe('stall~after=1');
    expect(text('anthropic/claude-opus-4.6:beta')).toBe('answer');
    expect(text('corethink:free')).toBe('answer');
  });
});

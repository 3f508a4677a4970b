import { expect, test } from 'vitest';
import { isThinkingAfter, silencesIn } from './silence.ts';

test('a variable names the silence of each provider', () => {
  const of = silencesIn('openrouter=60, vercel = 30/300 ,mistral=soon,custom=0, x=601');
  expect(of('openrouter')).toEqual({ seconds: 60, thinkingSeconds: 60 });
  expect(of('vercel')).toEqual({ seconds: 30, thinkingSeconds: 300 });
  for (const name of ['mistral', 'custom', 'x', 'corethink', '']) {
    expect(of(name)).toEqual({ seconds: 25, thinkingSeconds: 120 });
  }
  expect(silencesIn('')('openrouter')).toEqual({ seconds: 25, thinkingSeconds: 120 });
});

const chunk = (delta: object) => ({ choices: [{ index: 0, delta }] });

test.each([
  [chunk({ reasoning: 'Hm' }), false, true],
  [chunk({ role: 'assistant', content: '', reasoning_details: [{}] }), false, true],
  [chunk({ content: 'Hello' }), true, false],
  [chunk({ content: 'Hello', reasoning: 'Hm' }), true, false],
  [chunk({ tool_calls: [{}] }), true, false],
  [chunk({ role: 'assistant', content: '' }), true, true],
  [chunk({ role: 'assistant', content: '' }), false, false],
  [{ usage: {} }, true, true],
])('after %j (thinking before: %j) it is thinking: %j', (value, before, after) => {
  expect(isThinkingAfter(value, before)).toBe(after);
});

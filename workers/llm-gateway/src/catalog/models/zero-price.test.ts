import { expect, test } from 'vitest';
import { isZeroPriced } from './zero-price.ts';

const zero = { prompt: '0', completion: '0' };

test.each([
  zero,
  { prompt: 0, completion: '0.000' },
  { ...zero, request: '0', image: '0', audio: null, discount: 0 },
  { ...zero, discount: 0.5, overrides: [] },
])('%j costs nothing', (pricing) => {
  expect(isZeroPriced(pricing)).toBe(true);
});

test.each([
  null,
  {},
  { prompt: '0' },
  { prompt: '-1', completion: '-1' },
  { prompt: '0', completion: '-1' },
  { prompt: '', completion: '' },
  { prompt: 'free', completion: 'free' },
  { prompt: [], completion: [] },
  { ...zero, request: '0.01' },
  { ...zero, image: '0.0001' },
  { ...zero, web_search: '0.005' },
  { ...zero, a_price_to_come: '1e-9' },
  { ...zero, a_price_to_come: { per: '0' } },
  { ...zero, overrides: [{ min_prompt_tokens: 1000, prompt: '0.001' }] },
])('%j may cost something', (pricing) => {
  expect(isZeroPriced(pricing)).toBe(false);
});

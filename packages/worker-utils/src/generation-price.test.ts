import { expect, test } from 'vitest';
import { generationPriceUsd } from './generation-price.ts';

test.each([
  [{ total_cost: 0.1 }, 0.1],
  [{ total_cost: 0.1, upstream_inference_cost: 2, is_byok: false }, 0.1],
  [{ total_cost: 0.1, upstream_inference_cost: 2, is_byok: true }, 2],
  [{ total_cost: 0.1, upstream_inference_cost: 0, is_byok: true }, 0],
  [{ total_cost: 0.1, upstream_inference_cost: null, is_byok: true }, 2],
])('a record of %j is worth %d', (record, usd) => {
  expect(generationPriceUsd(record)).toBe(usd);
});

import { ModelId } from '@gateway/worker-utils/ids';
import { expect, test } from 'vitest';
import { estimateOf, type PriceList } from './estimate.ts';
import { tokenPrices } from './model-prices.ts';

const at = (completion: number) => tokenPrices({ prompt: 0, completion }, 1_000_000);
const listed = new Map([
  ['maker/cheap', at(1e-6)],
  ['maker/dear', at(10e-6)],
  ['maker/dearest', at(100e-6)],
]);
const prices: PriceList = {
  of: (model) => listed.get(model) ?? null,
  all: () => [...listed.values()],
};
const cold: PriceList = { of: () => null, all: () => [] };

/** In USD, of a thousand tokens. */
function worst(fields: object, list = prices, target: 'openrouter' | 'mistral' = 'openrouter') {
  const chat = { model: 'maker/cheap', max_tokens: 1000, ...fields };
  const id = ModelId.parse(chat.model);
  const calls = [{ target: { provider: target } }] as const;
  const asked = { arrival: { bodyBytes: 100 }, chat, model: { resolved: id }, calls };
  return estimateOf(asked, list, {}).worstCase / 1e6;
}

test('counts the price of the model that is asked', () => {
  expect(worst({})).toBe(0.001);
  expect(worst({ model: 'Maker/Dear' })).toBe(0.01);
});

test('counts the dearest of all models that a request names', () => {
  expect(worst({ models: ['maker/dear'] })).toBe(0.01);
  const router = { id: 'auto-router', allowed_models: ['maker/dear'] };
  expect(worst({ plugins: [router] })).toBe(0.01);
});

test.each([
  { model: 'maker/not-listed' },
  { models: ['maker/not-listed'] },
  { models: ['maker/*'] },
  { plugins: [{ id: 'auto-router' }] },
])('counts the dearest that is listed where any model may answer: %j', (fields) => {
  expect(worst(fields)).toBe(0.1);
});

test('counts more extras and models than a call can have arguments', () => {
  const plugins = Array.from({ length: 150_000 }, () => ({ id: 'web' }));
  expect(worst({ plugins })).toBe(1000);
  const models = Array.from({ length: 150_000 }, (_, n) => `maker/not-listed-${n}`);
  expect(worst({ models })).toBe(0.1);
});

test('counts a panel as many answers of any model, however it is asked for', () => {
  expect(worst({ model: 'openrouter/fusion' })).toBeCloseTo(41 * 0.1 + 2, 4);
  expect(worst({ plugins: [{ id: 'fusion' }] })).toBeCloseTo(41 * 0.1 + 2, 4);
});

test('counts the dearest that was ever listed where the catalogue has never been read', () => {
  expect(worst({}, cold)).toBeCloseTo(100 * 150e-6 + 1000 * 600e-6, 4);
});

test('counts the tariff of a provider that tells no cost, whatever a catalogue says', () => {
  const fields = { model: 'mistralai/codestral-2508', max_tokens: 100_000 };
  expect(worst(fields, cold, 'mistral')).toBeCloseTo(100 * 0.3e-6 + 0.09, 5);
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MicroUsd } from '@gateway/worker-utils/money';
import { expect, test } from 'vitest';
import { settledExchange } from '../../testing/settled-exchange.ts';
import { confirmedBy, Generation, isPriceGuessed } from './generation.ts';

const told = Generation.parse(
  JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures/generation.json'), 'utf8')),
);
const known = {
  provider: 'openrouter',
  generation: 'gen-1746546812-kT3vQ8ZrWm5LxPq2Nd7c',
  isCharged: true,
  isCostKnown: false,
} as const;
const unknown = settledExchange(1, { cost: null, has_error: true });

test('the generation record fills in everything that the answer lacked', () => {
  const { settlement, differs } = confirmedBy(unknown, told, known);
  expect(differs).toBe(false);
  expect(settlement).toMatchObject({
    cost: 129_158,
    cache_discount: -25_076,
    input_tokens: 33_439,
    output_tokens: 251,
    cache_hit_tokens: 0,
    cache_write_tokens: 0,
    inference_provider: 'Amazon Bedrock',
    message_id: known.generation,
    lookups: { finish_reason: 'stop' },
    metadata: {
      market_cost: 129_158,
      is_byok: false,
      cancelled: false,
      upstream_id: 'msg_bdrk_01Qx7RmT2cVb9LkP4sWz6NdE',
      latency: 7913,
      moderation_latency: null,
      generation_time: 7793,
    },
    // What the answer was, and how it ended, is what was seen of it.
    model: unknown.model,
    has_error: true,
  });
});

test('keeps the cost and tokens of the answer, and flags a record with a different cost', () => {
  const { metadata } = unknown;
  const cost = MicroUsd.parse(129_157);
  const answered = settledExchange(1, {
    cost,
    input_tokens: 7,
    message_id: 'gen-1',
    metadata: { ...metadata, market_cost: cost },
  });
  const { settlement, differs } = confirmedBy(answered, told, { ...known, isCostKnown: true });
  expect(differs).toBe(true);
  expect(settlement).toMatchObject({
    cost,
    input_tokens: 7,
    message_id: 'gen-1',
    cache_discount: -25_076,
    metadata: { market_cost: cost, latency: 7913 },
  });
});

test('an uncharged request shows its market cost, and no cost or discount', () => {
  const { settlement } = confirmedBy(unknown, told, { ...known, isCharged: false });
  expect(settlement).toMatchObject({
    cost: 0,
    cache_discount: 0,
    metadata: { market_cost: 129_158 },
  });
});

test.each([
  [{ is_byok: true, total_cost: 0.1, upstream_inference_cost: 2 }, 2_000_000, false],
  [{ is_byok: true, total_cost: 0.1, upstream_inference_cost: null }, 2_000_000, true],
  [{ is_byok: false, total_cost: 0.1, upstream_inference_cost: null }, 100_000, false],
  [{ is_byok: null, total_cost: 0.1 }, 100_000, false],
])('a record of %j is a price of %d microdollars, guessed: %s', (data, price, isGuessed) => {
  const generation = Generation.parse({ data });
  expect(confirmedBy(unknown, generation, known).settlement.cost).toBe(price);
  expect(isPriceGuessed(generation)).toBe(isGuessed);
});

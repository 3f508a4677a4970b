import type { SettledExchange } from '@gateway/db';
import { ExchangeId, UserId } from '@gateway/worker-utils/ids';
import { MicroUsd, microUsdOf } from '@gateway/worker-utils/money';
import { Instant } from '@gateway/worker-utils/time';
import { expect, test } from 'vitest';
import { openDesk, type Ports } from './desk.ts';
import { reserve } from './reserve.ts';
import { settle } from './settle.ts';

const now = Instant.parse(1_000_000);

const settlement: SettledExchange = {
  id: ExchangeId.parse('8b1f0a53-5c1c-4b7e-8f0a-3f0c5a1d2e3f'),
  revision: 2,
  created_at: now,
  kilo_user_id: UserId.parse('alice'),
  organization_id: null,
  cost: microUsdOf(0.02),
  input_tokens: 1,
  output_tokens: 1,
  cache_write_tokens: 0,
  cache_hit_tokens: 0,
  provider: 'openrouter',
  model: 'vendor/model',
  requested_model: 'vendor/model',
  cache_discount: null,
  has_error: false,
  inference_provider: null,
  project_id: null,
  message_id: null,
  lookups: {},
  metadata: {
    vercel_ip_latitude: null,
    vercel_ip_longitude: null,
    user_prompt_prefix: null,
    system_prompt_length: 0,
    max_tokens: null,
    has_middle_out_transform: false,
    status_code: 200,
    is_byok: null,
    is_user_byok: false,
    streamed: true,
    cancelled: false,
    has_tools: false,
    machine_id: null,
    session_id: null,
    market_cost: null,
    upstream_id: null,
    latency: null,
    moderation_latency: null,
    generation_time: null,
  },
  attempts: [],
};

/** A ledger whose Postgres does not answer. */
const ports: Ports = {
  store: {
    load: () => ({ entries: [], errands: [], account: null, costs: {}, isListed: false }),
    putEntry: () => undefined,
    removeEntry: () => undefined,
    putErrand: () => undefined,
    removeErrand: () => undefined,
    putAccount: () => undefined,
    putCosts: () => undefined,
    putListed: () => undefined,
  },
  clock: { now: () => now },
  books: {
    settle: () => Promise.reject(new Error('away')),
    accountFor: () => Promise.reject(new Error('away')),
  },
  generations: { ask: () => Promise.resolve({ kind: 'silent' }) },
  consequences: { perform: () => Promise.resolve() },
  index: { put: () => Promise.resolve() },
  wakeAt: () => undefined,
  leaseMs: 90_000,
  chance: () => 0,
  report: () => Promise.resolve(),
  log: { info: () => undefined, warn: () => undefined, error: () => undefined },
};

test('a reservation that arrives once more, after its exchange has ended, does not wipe out what is owed', async () => {
  const desk = openDesk(ports);
  const account = { used: MicroUsd.parse(0), acquired: microUsdOf(10), member: null, at: now };
  const ask = { settlement, isCharged: true, estimate: microUsdOf(0.05), account };
  await reserve(desk, ask);
  settle(desk, { settlement, isCharged: true, question: null });
  await reserve(desk, ask);
  expect([...desk.entries.values()]).toMatchObject([
    { leaseUntil: null, hold: 0, landed: null, settlement: { cost: 20_000, revision: 2 } },
  ]);
});

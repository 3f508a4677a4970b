import { ExchangeId, UserId } from '@gateway/worker-utils/ids';
import { MicroUsd } from '@gateway/worker-utils/money';
import { Instant } from '@gateway/worker-utils/time';
import { expect, inject, test } from 'vitest';
import { connect } from '../connect.ts';
import { usageWithId } from '../inspect.ts';
import { prepareDatabase } from '../migrate.ts';
import type { SettledExchange } from '../settled-exchange.ts';
import { createTestDatabase } from '../test-database.ts';
import { settle } from './settle.ts';

const exchange: SettledExchange = {
  id: ExchangeId.parse('0f8fad5b-d9cb-469f-a165-70867728950e'),
  revision: 1,
  created_at: Instant.parse(1_790_000_000_000),
  kilo_user_id: UserId.parse('somebody'),
  organization_id: null,
  cost: MicroUsd.parse(1),
  input_tokens: 2,
  output_tokens: 3,
  cache_write_tokens: 4,
  cache_hit_tokens: 5,
  provider: 'a provider',
  model: 'a model',
  requested_model: 'a requested model',
  cache_discount: MicroUsd.parse(-6),
  has_error: true,
  inference_provider: 'an inference provider',
  project_id: 'a project',
  message_id: 'a message',
  lookups: {
    http_user_agent: 'an agent',
    http_ip: 'an address',
    vercel_ip_city: 'a city',
    vercel_ip_country: 'a country',
    ja4_digest: 'a digest',
    system_prompt_prefix: 'a system prompt',
    finish_reason: 'a reason',
    editor_name: 'an editor',
    feature: 'a feature',
    mode: 'a mode',
    auto_model: 'an auto model',
  },
  metadata: {
    vercel_ip_latitude: 7.5,
    vercel_ip_longitude: 8.5,
    user_prompt_prefix: 'a prompt',
    system_prompt_length: 9,
    max_tokens: 10,
    has_middle_out_transform: true,
    status_code: 200,
    is_byok: true,
    is_user_byok: true,
    streamed: true,
    cancelled: true,
    has_tools: true,
    machine_id: 'a machine',
    session_id: 'a session',
    market_cost: MicroUsd.parse(11),
    upstream_id: 'an upstream',
    latency: 12.5,
    moderation_latency: 13.5,
    generation_time: 14.5,
  },
  attempts: [],
};

test('whatever is settled can be read in the usage view, each under its name', async () => {
  const url = await createTestDatabase(inject('postgresUrl'));
  await prepareDatabase(url);
  const database = await connect(url);
  try {
    await settle(database, [exchange]);
  } finally {
    await database.close();
  }
  const { lookups, metadata, attempts: _, revision: _revision, created_at, ...usage } = exchange;
  const { http_ip, vercel_ip_city, vercel_ip_country, ja4_digest, ...labels } = lookups;
  const { vercel_ip_latitude, vercel_ip_longitude, ...details } = metadata;
  expect(await usageWithId(url, exchange.id)).toEqual({
    ...usage,
    ...labels,
    ...details,
    created_at: new Date(created_at),
    abuse_classification: 0,
    http_x_forwarded_for: http_ip,
    http_x_vercel_ip_city: vercel_ip_city,
    http_x_vercel_ip_country: vercel_ip_country,
    http_x_vercel_ip_latitude: vercel_ip_latitude,
    http_x_vercel_ip_longitude: vercel_ip_longitude,
    http_x_vercel_ja4_digest: ja4_digest,
  });
});

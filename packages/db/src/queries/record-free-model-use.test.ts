import { Instant } from '@gateway/worker-utils/time';
import { expect, inject, test } from 'vitest';
import { z } from 'zod';
import { connect } from '../connect.ts';
import { ask } from '../inspect.ts';
import { prepareDatabase } from '../migrate.ts';
import { createTestDatabase } from '../test-database.ts';
import { recordFreeModelUse } from './record-free-model-use.ts';

test('uses are kept with the time at which they were made, and one that is written twice counts once', async () => {
  const url = await createTestDatabase(inject('postgresUrl'));
  await prepareDatabase(url);
  const use = (n: number, user: string | null) => ({
    id: crypto.randomUUID(),
    ip_address: '203.0.113.7',
    model: 'vendor/model:free',
    kilo_user_id: user,
    created_at: Instant.parse(1_790_000_000_000 + n),
  });
  const uses = [use(0, null), use(1, 'somebody')];
  const database = await connect(url);
  try {
    await recordFreeModelUse(database, uses);
    await recordFreeModelUse(database, [...uses, use(2, null)]);
    await recordFreeModelUse(database, []);
  } finally {
    await database.close();
  }
  const text = 'select kilo_user_id, created_at from free_model_usage order by created_at';
  expect(await ask(url, { text }, z.unknown())).toEqual([
    { kilo_user_id: null, created_at: new Date(1_790_000_000_000) },
    { kilo_user_id: 'somebody', created_at: new Date(1_790_000_000_001) },
    { kilo_user_id: null, created_at: new Date(1_790_000_000_002) },
  ]);
});

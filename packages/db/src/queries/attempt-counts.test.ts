import { beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { connect } from '../connect.ts';
import { prepareDatabase } from '../migrate.ts';
import { createTestDatabase, run } from '../test-database.ts';
import { type AttemptCount, attemptCounts } from './attempt-counts.ts';

let url: string;
beforeAll(async () => {
  url = await createTestDatabase(inject('postgresUrl'));
  await prepareDatabase(url);
});
beforeEach(() => run(url, 'delete from gateway.attempts'));

type Planted = {
  readonly provider?: string;
  readonly status?: number | null;
  readonly ending?: string;
  readonly isOwnKey?: boolean;
  readonly ago?: string;
};
const planted = (attempt: Planted) => {
  const { provider = 'openrouter', status = 200, ending = 'complete' } = attempt;
  const { isOwnKey = false, ago = '1 minute' } = attempt;
  return run(
    url,
    `insert into gateway.attempts (usage_id, n, provider, status, ending, is_user_byok, created_at)
     values (gen_random_uuid(), 1, '${provider}', ${status}, '${ending}', ${isOwnKey}, now() - interval '${ago}')`,
  );
};

async function counts(): Promise<readonly AttemptCount[]> {
  const database = await connect(url);
  try {
    const found = await attemptCounts(database, ['openrouter', 'vercel']);
    return found.toSorted((one, other) => one.provider.localeCompare(other.provider));
  } finally {
    await database.close();
  }
}
const counted = (failed: 0 | 1) => [{ provider: 'openrouter', attempts: 1, failed }];

test('nothing happened: nothing is counted', async () => {
  expect(await counts()).toEqual([]);
});

test('each provider is counted by itself, and others are not', async () => {
  await planted({});
  await planted({ ending: 'cut' });
  await planted({ provider: 'vercel' });
  await planted({ provider: 'mistral', ending: 'failed' });
  expect(await counts()).toEqual([
    { provider: 'openrouter', attempts: 2, failed: 1 },
    { provider: 'vercel', attempts: 1, failed: 0 },
  ]);
});

test.each<[string, Planted, 0 | 1]>([
  ['an answer', {}, 0],
  ['an answer of nine minutes ago', { ago: '9 minutes' }, 0],
  ['an error in a stream', { ending: 'failed' }, 1],
  ['a cut', { ending: 'cut' }, 1],
  ['no answer', { ending: 'unreachable', status: null }, 1],
  ['a first token that is late', { ending: 'hedged-late', status: 200 }, 1],
  ['an error of the server', { ending: 'failed', status: 500 }, 1],
  ['an unpaid bill of ours', { ending: 'failed', status: 402 }, 1],
  ['a key of ours that is refused', { ending: 'failed', status: 401 }, 1],
  ['too many requests of ours', { ending: 'failed', status: 429 }, 1],
])('%s counts', async (_name, attempt, failed) => {
  await planted(attempt);
  expect(await counts()).toEqual(counted(failed));
});

test.each<[string, Planted]>([
  ['what a client left', { ending: 'client-left' }],
  ['a request that is refused for what it says', { ending: 'failed', status: 400 }],
  ['a model that is not there', { ending: 'failed', status: 404 }],
  ["what was called on a caller's own account", { ending: 'failed', status: 401, isOwnKey: true }],
  ['what another one was faster than', { ending: 'hedged-lost', status: 200 }],
  ['what nobody knows the end of', { ending: 'lost', status: null }],
  ['what is long ago', { ending: 'failed', ago: '11 minutes' }],
])('%s does not count', async (_name, attempt) => {
  await planted(attempt);
  expect(await counts()).toEqual([]);
});

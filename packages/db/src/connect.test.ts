import { MicroUsd } from '@gateway/worker-utils/money';
import { expect, inject, test } from 'vitest';
import { z } from 'zod';
import { connect } from './connect.ts';

const Amount = z.object({ amount: MicroUsd });
const amountOf = (text: string) => ({ text: `select ${text}::bigint as amount`, values: [] });

test('an amount is read as a number where a number is exact, and refused where it is not', async () => {
  const database = await connect(inject('postgresUrl'));
  try {
    expect(await database.rows(amountOf('9007199254740991'), Amount)).toEqual([
      { amount: Number.MAX_SAFE_INTEGER },
    ]);
    await expect(database.rows(amountOf('9007199254740993'), Amount)).rejects.toThrow('number');
  } finally {
    await database.close();
  }
});

test('a statement that hangs is given up, and its connection can be closed', async () => {
  const database = await connect(inject('postgresUrl'));
  const startedAt = performance.now();
  const hanging = database.rows({ text: 'select pg_sleep(60)', values: [] }, z.unknown());
  await expect(hanging).rejects.toThrow('timeout');
  await database.close();
  expect(performance.now() - startedAt).toBeLessThan(10_000);
});

test('a question with a name is prepared once for its connection', async () => {
  const database = await connect(inject('postgresUrl'));
  try {
    const Sum = z.object({ sum: z.number() });
    for (const number of [1, 2, 3]) {
      const text = 'select $1::int + 1 as sum';
      const answer = await database.rows({ name: 'sum', text, values: [number] }, Sum);
      expect(answer).toEqual([{ sum: number + 1 }]);
    }
    const text =
      'select name, (generic_plans + custom_plans)::int as uses from pg_prepared_statements';
    expect(await database.rows({ text, values: [] }, z.unknown())).toEqual([
      { name: 'sum', uses: 3 },
    ]);
  } finally {
    await database.close();
  }
});

test('a port where nobody listens is an error, not a wait', async () => {
  await expect(connect('postgres://nobody@127.0.0.1:1/none')).rejects.toMatchObject({
    code: 'ECONNREFUSED',
  });
});

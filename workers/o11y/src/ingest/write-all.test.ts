import { expect, test } from 'vitest';
import { writeAll } from './write-all.ts';

test('a place that fails is reported, and the others are written all the same', async () => {
  const written: string[] = [];
  const writing = writeAll({
    points: () => {
      throw new Error('full');
    },
    stream: async () => {
      written.push('row');
    },
  });
  await expect(writing).rejects.toMatchObject({
    errors: [{ message: 'Writing to points failed', cause: { message: 'full' } }],
  });
  expect(written).toEqual(['row']);
});

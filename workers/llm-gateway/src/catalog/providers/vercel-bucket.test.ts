import { expect, test } from 'vitest';
import { vercelBucketOf } from './vercel-bucket.ts';

test.each([
  ['task-1', 35],
  ['task-2', 38],
  ['user-1', 82],
  ['test-user-123', 91],
  ['anon:203.0.113.7', 18],
  ['oauth/google:123', 79],
  ['task-15', 0],
  ['task-39', 5],
  ['task-45', 2],
  ['task-56', 4],
  ['task-70', 7],
  ['task-71', 0],
])('%s is in bucket %d', async (seed, bucket) => {
  expect(await vercelBucketOf(seed)).toBe(bucket);
});

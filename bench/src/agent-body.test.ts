import { expect, test } from 'vitest';
import { agentBody } from './agent-body.ts';

test.each([10_000, 100_000, 1_000_000])('a body of %d bytes is one of about that size', (bytes) => {
  const body = agentBody({ model: 'a/b', stream: true, bytes });
  expect(body.length).toBeGreaterThan(bytes * 0.75);
  expect(body.length).toBeLessThanOrEqual(bytes);
  expect(JSON.parse(body)).toMatchObject({ model: 'a/b', stream: true });
});

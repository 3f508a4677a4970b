import { expect, test } from 'vitest';
import { errorLocationOf } from './error-location.ts';

test('of an error, only where it was thrown is told, whatever its message looks like', () => {
  const place = errorLocationOf(new Error('row (canary)\n    at canary (canary.js:1:2)\ncanary'));
  expect(place.length).toBeGreaterThan(0);
  expect(place.join('\n')).toContain('error-location.test.ts');
  expect(place.join('\n')).not.toContain('canary');
});

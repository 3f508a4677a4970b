import { expect, test } from 'vitest';
import { normalizedPath } from './normalized-path.ts';

test.each([
  ['/', '/'],
  ['//', '/'],
  ['/api/v1/models', '/api/v1/models'],
  ['/api/v1/models/', '/api/v1/models'],
  ['//api///v1/models//', '/api/v1/models'],
])('%s is routed as %s', (pathname, path) => {
  expect(normalizedPath(pathname)).toBe(path);
});

import { expect, test } from 'vitest';
import { withBlocks } from './publish.ts';

const page = `# Title

Written by a person.

<!-- goals -->

old

<!-- /goals -->

Written by a person, too.

<!-- figures -->

<!-- /figures -->
`;

test('what a run has found replaces what the last one had, and what people wrote stays', () => {
  const once = withBlocks(page, { goals: 'new', figures: 'numbers' });
  expect(once).toBe(
    page
      .replace('old', 'new')
      .replace('<!-- figures -->\n\n<!--', '<!-- figures -->\n\nnumbers\n\n<!--'),
  );
  expect(withBlocks(once, { goals: 'new', figures: 'numbers' })).toBe(once);
});

test('a page that has no place for it is left alone, and said', () => {
  expect(() => withBlocks(page, { growth: 'new' })).toThrow('no place for growth');
});

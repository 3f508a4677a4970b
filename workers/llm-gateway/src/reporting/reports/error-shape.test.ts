import { expect, test } from 'vitest';
import { errorShapeOf } from './error-shape.ts';

const shapeOf = (value: unknown) => errorShapeOf(JSON.stringify(value));

test('of what a provider said, names and numbers of its error are told', async () => {
  const error = { message: 'canary', code: 429, type: 'rate_limit_exceeded' };
  expect(await shapeOf({ error })).toMatchObject({ code: 429, type: 'rate_limit_exceeded' });
});

test.each(['sk-own-1234', 'Alice', 'two words', 'x'.repeat(65), '', 7.5, null, { a: 1 }])(
  'what is no name is not told, whatever it is called (%j)',
  async (canary) => {
    const shape = await shapeOf({ error: { code: canary, type: canary } });
    expect(shape).toMatchObject({ code: null, type: null });
  },
);

test.each(['', 'not json', 'null', '[]', '{"error":"text"}'])(
  'text without an error in it (%j) has a length and a hash',
  async (text) => {
    const shape = await errorShapeOf(text);
    expect(shape).toMatchObject({ characters: text.length, code: null, type: null });
    expect(shape.hash).toMatch(/^[0-9a-f]{16}$/);
    expect((await errorShapeOf(`${text} `)).hash).not.toBe(shape.hash);
  },
);

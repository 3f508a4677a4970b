import fc from 'fast-check';
import { expect, test } from 'vitest';
import { documentedFields } from '../../support/chat-grammar/chat-grammar.ts';
import { chatSchema, fieldPathsOf } from '../../support/chat-grammar/schema.ts';

const SAMPLES = 3000;
const SEED = 1;

/** Of a value: `plugins[].pdf.engine`. */
function pathsIn(value: unknown, path: string): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((item) => pathsIn(item, `${path}[]`));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, part]) => [
    `${path}.${name}`,
    ...pathsIn(part, `${path}.${name}`),
  ]);
}

test("the grammar makes every field of the SDK's chat schema, at every depth", () => {
  const made = new Set(
    [...documentedFields].flatMap(([name, values]) => [
      name,
      ...fc
        .sample(values, { numRuns: SAMPLES, seed: SEED })
        .flatMap((value) => pathsIn(value, name)),
    ]),
  );
  const known = [...fieldPathsOf(chatSchema)];
  expect(known.length).toBeGreaterThan(200);
  expect(known.filter((path) => !made.has(path))).toEqual([]);
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { stitchOf } from './stitch.ts';
import { deliveryWatcher } from './delivered.ts';

const chunkOf = (id: string, fields: object, finish: string | null = null) => ({
  id,
  created: 2,
  model: 'other/name',
  choices: [{ index: 0, delta: fields, finish_reason: finish }],
});
const firstOf = (fields: object) => {
  const watcher = deliveryWatcher({ keepsText: true });
  watcher.see({ ...chunkOf('gen-1', fields), created: 1, model: 'maker/model' });
  return watcher.delivered();
};

const Told = z.object({
  choices: z.array(z.object({ delta: z.object({ content: z.string() }) })),
});

/** What a client gets of a second answer that comes in these pieces. Null: it does not go on with the first. */
function joined(begun: string, pieces: readonly string[]): string | null {
  const seam = stitchOf(firstOf({ role: 'assistant', content: begun }), begun);
  const chunks = [
    ...pieces.map((content) => chunkOf('gen-2', { role: 'assistant', content })),
    chunkOf('gen-2', { content: '' }, 'stop'),
  ].map((chunk) => seam.join(chunk));
  if (seam.hasDiverged()) return null;
  const told = chunks.flatMap((chunk) => (chunk ? Told.parse(chunk).choices : []));
  return told.map(({ delta }) => delta.content).join('');
}
const piecesOf = (text: string, size: number): readonly string[] =>
  Array.from({ length: Math.ceil(text.length / size) }, (_, index) =>
    text.slice(index * size, (index + 1) * size),
  );

const WHOLE = 'The river carried small boats past quiet houses, while evening light fell over it.';

test('a text that is gone on with is whole, wherever it broke off and in whatever pieces the rest comes', () => {
  const cut = fc.integer({ min: 1, max: WHOLE.length - 1 });
  const size = fc.integer({ min: 1, max: 40 });
  fc.assert(
    fc.property(cut, size, fc.boolean(), (at, pieceSize, repeatsSpace) => {
      const begun = WHOLE.slice(0, at);
      // A model that is asked with the white space cut off may say it again.
      const from = repeatsSpace ? begun.trimEnd().length : at;
      expect(begun + joined(begun, piecesOf(WHOLE.slice(from), pieceSize))).toBe(WHOLE);
    }),
  );
});

test('one that says all of it again is cut where it becomes new', () => {
  const cut = fc.integer({ min: 4, max: WHOLE.length - 1 });
  fc.assert(
    fc.property(cut, fc.integer({ min: 1, max: 40 }), (at, size) => {
      const begun = WHOLE.slice(0, at);
      expect(begun + joined(begun, piecesOf(WHOLE, size))).toBe(WHOLE);
    }),
  );
});

test.each([
  ['says it again, but otherwise', `${WHOLE.slice(0, 50)} and then something else`],
  ['says less than was said', WHOLE.slice(0, 40)],
])('one that %s does not go on with it', (_how, text) => {
  expect(joined(WHOLE.slice(0, 60), piecesOf(text, 7))).toBeNull();
});

test('it goes by the name of the first, does not say again who speaks, and thinks no second time', () => {
  const seam = stitchOf(firstOf({ role: 'assistant', content: 'Hello' }), 'Hello');
  const thought = { role: 'assistant', content: '', reasoning: 'Hm.', reasoning_details: [{}] };
  expect(seam.join(chunkOf('gen-2', thought))).toBeNull();
  expect(seam.join(chunkOf('gen-2', { role: 'assistant', content: ' you' }))).toEqual({
    id: 'gen-1',
    created: 1,
    model: 'maker/model',
    choices: [{ index: 0, delta: { content: ' you' }, finish_reason: null }],
  });
  const usage = { ...chunkOf('gen-2', { content: '' }), usage: { cost: 1 } };
  expect(seam.join(usage)).toMatchObject({ id: 'gen-1', usage: { cost: 1 } });
  expect(seam.join({ id: 'gen-2', choices: [], usage: { cost: 1 } })).toMatchObject({
    id: 'gen-1',
    usage: { cost: 1 },
  });
});

test('an answer that begins once more is told as it comes, but that who has thought twice has signed nothing', () => {
  const seam = stitchOf(firstOf({ role: 'assistant', reasoning: 'Hm.' }), null);
  const details = [{ type: 'reasoning.text', text: 'Hm, hm.', signature: 'abc' }];
  const chunk = chunkOf('gen-2', { reasoning: 'Hm, hm.', reasoning_details: details });
  expect(seam.join(chunk)).toMatchObject({
    id: 'gen-1',
    choices: [
      {
        delta: {
          reasoning: 'Hm, hm.',
          reasoning_details: [{ type: 'reasoning.text', text: 'Hm, hm.' }],
        },
      },
    ],
  });
  expect(JSON.stringify(seam.join(chunk))).not.toContain('signature');
});

test('one that begins once more where nothing had come is told as it is', () => {
  const seam = stitchOf(deliveryWatcher({ keepsText: true }).delivered(), null);
  const chunk = chunkOf('gen-2', { role: 'assistant', content: 'Hi' });
  expect(seam.join(chunk)).toEqual(chunk);
});

import { expect, test } from 'vitest';
import { makeCorkable } from './corkable.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

function streamOf() {
  const sent: string[] = [];
  const stream = {
    cork: (): void => undefined,
    uncork: (): void => undefined,
    write: (data: Uint8Array) => sent.push(new TextDecoder().decode(data)),
  };
  const { write } = stream;
  return { sent, stream, bare: { write } };
}

test('what is said while a stream is corked leaves in one piece and in order, and the rest as it comes', () => {
  const { sent, stream, bare } = streamOf();
  makeCorkable(bare);
  const corkable = { ...stream, ...bare };
  corkable.write(bytes('startup'));
  corkable.cork();
  for (const message of ['parse ', 'bind ', 'sync']) corkable.write(bytes(message));
  corkable.uncork();
  corkable.write(bytes('end'));
  corkable.cork();
  corkable.uncork();
  expect(sent).toEqual(['startup', 'parse bind sync', 'end']);
});

test('a stream that can be corked keeps its own way', () => {
  const { sent, stream } = streamOf();
  makeCorkable(stream);
  stream.cork();
  stream.write(bytes('at once'));
  expect(sent).toEqual(['at once']);
});

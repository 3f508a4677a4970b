import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { joinBytes } from '@gateway/worker-utils/bytes';
import { Instant } from '@gateway/worker-utils/time';
import { createParser } from 'eventsource-parser';
import { expect, test } from 'vitest';
import { closeEvent } from './close-event.ts';
import { errorChunk } from './error-chunk.ts';

const folder = join(dirname(fileURLToPath(import.meta.url)), '../fixtures');
const fixtures = readdirSync(folder)
  .filter((name) => name.endsWith('.sse'))
  .map((name) => ({ name, bytes: new Uint8Array(readFileSync(join(folder, name))) }));
const error = errorChunk({
  id: 'gen-1',
  model: 'maker/model',
  at: Instant.parse(1_763_000_000_000),
});

/** What stands after the last blank line. */
function tailOf(bytes: Uint8Array): Uint8Array {
  const text = new TextDecoder('latin1').decode(bytes);
  const blank = [...text.matchAll(/\r\n\r\n|\n\n/g)].at(-1);
  return blank ? bytes.slice(blank.index + blank[0].length) : bytes;
}

function closed(bytes: Uint8Array): Uint8Array {
  const closing = closeEvent(tailOf(bytes), error);
  return joinBytes([bytes, new TextEncoder().encode(closing ?? 'lost')]);
}

function eventsIn(bytes: Uint8Array): readonly unknown[] {
  const events: unknown[] = [];
  const onEvent = ({ data }: { data: string }) =>
    void events.push(data === '[DONE]' ? data : JSON.parse(data));
  createParser({ onEvent }).feed(new TextDecoder().decode(bytes));
  return events;
}

test.each(fixtures)('$name cut at any byte and closed is read to its end', ({ bytes }) => {
  for (let length = 0; length <= bytes.byteLength; length += 1) {
    const cut = bytes.slice(0, length);
    // One that has come to its end is not closed.
    if (eventsIn(cut.slice(0, length - tailOf(cut).byteLength)).includes('[DONE]')) continue;
    const events = eventsIn(closed(cut));
    const hasEnd = new TextDecoder('latin1').decode(cut).includes('data: [');
    expect(events.filter((event) => event === '[DONE]')).toHaveLength(1);
    expect(events.at(-1)).toBe('[DONE]');
    expect(hasEnd ? error : events.at(-2)).toMatchObject(error);
  }
});

const FIELDS = JSON.stringify(error).slice(1);
const EVENT = `data: {${FIELDS}\n\n`;

test.each([
  ['', EVENT],
  [': PROC', `\n\n${EVENT}`],
  ['dat', `\n\n${EVENT}`],
  ['data', `:{${FIELDS}\n\n`],
  ['data: ', `{${FIELDS}\n\n`],
  ['data: {', `${FIELDS}\n\n`],
  ['data: {"a":"b\\', `\\",${FIELDS}\n\n`],
  ['data: {"a":"\\u00', `00",${FIELDS}\n\n`],
  ['data: {"a', `":null,${FIELDS}\n\n`],
  ['data: {"a":tr', `ue,${FIELDS}\n\n`],
  ['data: {"a":-', `0,${FIELDS}\n\n`],
  ['data: {"a":[1,', `null],${FIELDS}\n\n`],
  ['data: {"a":[{"b":{', `}}],${FIELDS}\n\n`],
  ['data: {"a":1,\n', `data:"":null,${FIELDS}\n\n`],
  // The first digits of a count are not the count.
  ['data: {"usage":{"prompt_tokens":32', `},"usage":null,${FIELDS}\n\n`],
  ['data: {"provider":null,"a":1', `,"provider":"",${FIELDS}\n\n`],
  ['data: {}\n', `\n\n${EVENT}`],
  ['data: [1', `]\n\n${EVENT}`],
])('%j is closed with %j', (tail, closing) => {
  const text = closeEvent(new TextEncoder().encode(tail), error);
  expect(text).toBe(`${closing}data: [DONE]\n\n`);
});

test.each([
  ['data: [', 'DONE]\n\n'],
  ['data: [DO', 'NE]\n\n'],
  ['data: [DONE]', '\n\n'],
])('nothing follows the end that %j had begun', (tail, closing) => {
  expect(closeEvent(new TextEncoder().encode(tail), error)).toBe(closing);
});

test('what is not the beginning of JSON cannot be closed', () => {
  expect(closeEvent(new TextEncoder().encode('data: {"a":}x'), error)).toBeNull();
});

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { joinBytes } from '@gateway/worker-utils/bytes';
import { createParser } from 'eventsource-parser';
import { expect, test } from 'vitest';
import { closeEvent } from './close-event.ts';

const folder = join(dirname(fileURLToPath(import.meta.url)), 'fixtures');
const fixtures = readdirSync(folder).map((name) => ({
  name,
  bytes: new Uint8Array(readFileSync(join(folder, name))),
}));
const ENDING =
  'data: {"choices":[{"index":0,"delta":{"content":""},"finish_reason":"error"}]}\n\ndata: [DONE]\n\n';

/** What stands after the last blank line. */
function tailOf(bytes: Uint8Array): Uint8Array {
  const text = new TextDecoder('latin1').decode(bytes);
  const blank = [...text.matchAll(/\r\n\r\n|\n\n/g)].at(-1);
  return blank ? bytes.slice(blank.index + blank[0].length) : bytes;
}

function closed(bytes: Uint8Array): Uint8Array {
  const closing = closeEvent(tailOf(bytes));
  return joinBytes([bytes, new TextEncoder().encode(`${closing}${ENDING}`)]);
}

function eventsIn(bytes: Uint8Array): readonly unknown[] {
  const events: unknown[] = [];
  const onEvent = ({ data }: { data: string }) =>
    void events.push(data === '[DONE]' ? data : JSON.parse(data));
  createParser({ onEvent }).feed(new TextDecoder().decode(bytes));
  return events;
}

const error = { choices: [{ index: 0, delta: { content: '' }, finish_reason: 'error' }] };

test.each(fixtures)('$name cut at any byte and closed is read to its end', ({ bytes }) => {
  for (let length = 0; length <= bytes.byteLength; length += 1) {
    const whole = closed(bytes.slice(0, length));
    expect(eventsIn(whole).slice(-2), `cut at ${length}`).toEqual([error, '[DONE]']);
  }
});

test.each([
  ['', ''],
  [': PROC', '\n\n'],
  ['dat', '\n\n'],
  ['data', ':{"choices":[]}\n\n'],
  ['data: ', '{"choices":[]}\n\n'],
  ['data: {"a":"b\\', '\\"}\n\n'],
  ['data: {"a":"\\u00', '00"}\n\n'],
  ['data: {"a', '":null}\n\n'],
  ['data: {"a":tr', 'ue}\n\n'],
  ['data: {"a":-', '0}\n\n'],
  ['data: {"a":[1,', 'null]}\n\n'],
  ['data: {}\n', '\n\n'],
])('%j is closed with %j', (tail, closing) => {
  expect(closeEvent(new TextEncoder().encode(tail))).toBe(closing);
});

test('what is not the beginning of JSON cannot be closed', () => {
  expect(closeEvent(new TextEncoder().encode('data: {"a":}x'))).toBeNull();
});

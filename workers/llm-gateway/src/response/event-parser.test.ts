import { expect, test } from 'vitest';
import { eventParser } from './event-parser.ts';

const MEBIBYTE = 1024 * 1024;
const piece = 'x'.repeat(MEBIBYTE);

test('gives up an event that does not end within 16 MiB, and reads the next one', () => {
  const events: string[] = [];
  const parser = eventParser({ onEvent: ({ data }) => events.push(data) });
  parser.feed('data: ');
  for (let mebibytes = 0; mebibytes < 40; mebibytes += 1) parser.feed(piece);
  parser.feed('\n\ndata: next\n\n');
  expect(events).toEqual(['', 'next']);
});

test('gives up an event whose lines do not end within 16 MiB', () => {
  const events: number[] = [];
  const parser = eventParser({ onEvent: ({ data }) => events.push(data.length) });
  for (let mebibytes = 0; mebibytes < 20; mebibytes += 1) parser.feed(`data: ${piece}\n`);
  expect(events[0]).toBe(0);
});

test('reads an event of 15 MiB', () => {
  const events: number[] = [];
  const parser = eventParser({ onEvent: ({ data }) => events.push(data.length) });
  parser.feed('data: ');
  for (let mebibytes = 0; mebibytes < 15; mebibytes += 1) parser.feed(piece);
  parser.feed('\n\n');
  expect(events).toEqual([15 * MEBIBYTE]);
});

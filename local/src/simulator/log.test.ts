import { expect, it } from 'vitest';
import { DeliveryLog, type Entry } from './log.ts';

const entryOf = (sequence: number, rawBody: string): Entry => ({
  sequence,
  at: 0,
  method: 'POST',
  path: '/',
  headers: {},
  rawBody,
  body: null,
  model: 'sim/answer',
  scenario: 'answer',
  generationId: `gen-${sequence}`,
  created: 0,
  streamed: true,
  status: 200,
  bytesWritten: 0,
  tokens: 0,
  firstTokenAt: null,
  ending: 'open',
  endedAt: null,
  bill: null,
  usage: null,
  cost: 0,
});

it('a log of large requests forgets the oldest bodies, and keeps what was charged', () => {
  const log = new DeliveryLog();
  const body = 'x'.repeat(10 * 1024 * 1024);
  for (let sequence = 1; sequence <= 5; sequence += 1) log.open(entryOf(sequence, body));
  expect(log.entries.map(({ rawBody }) => rawBody !== null)).toEqual([
    false,
    false,
    true,
    true,
    true,
  ]);
});

it('a log of many requests keeps the newest', () => {
  const log = new DeliveryLog();
  for (let sequence = 1; sequence <= 25_000; sequence += 1) log.open(entryOf(sequence, 'body'));
  expect(log.entries.length).toBeLessThanOrEqual(20_000);
  expect(log.entries.at(-1)?.sequence).toBe(25_000);
  expect(log.entries.every(({ rawBody }) => rawBody === 'body')).toBe(true);
});

it('an entry can be waited for before and after it has ended', async () => {
  const log = new DeliveryLog();
  const entry = entryOf(1, '');
  log.open(entry);
  const waiting = log.whenEnded(1);
  entry.ending = 'complete';
  log.ended(entry);
  expect((await waiting).ending).toBe('complete');
  expect((await log.whenEnded(1)).ending).toBe('complete');
  await expect(log.whenEnded(2)).rejects.toThrow('no entry 2');
});

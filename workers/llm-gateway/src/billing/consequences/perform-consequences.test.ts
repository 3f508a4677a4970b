import { ExchangeId, OrganizationId } from '@gateway/worker-utils/ids';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Consequence } from './consequence.ts';
import { performConsequences, type Performers } from './perform-consequences.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const mailTo = (recipient: string): Consequence => ({
  kind: 'low-balance-mail',
  exchange: ExchangeId.parse('0a11ce00-0000-4000-8000-000000000001'),
  organization: OrganizationId.parse('11111111-1111-4111-8111-111111111111'),
  minimumBalance: 1,
  recipients: [recipient],
});

/** All are done at once; mails as a test says. */
const performersWith = (mail: Performers['low-balance-mail']): Performers => ({
  'first-usage': () => Promise.resolve(),
  'kilo-pass-bonus': () => Promise.resolve(),
  'auto-top-up': () => Promise.resolve(),
  'low-balance-mail': mail,
});

test('reports a failed consequence and still runs the others', async () => {
  const sent: string[] = [];
  const failed: unknown[] = [];
  await performConsequences([mailTo('a'), mailTo('b')], {
    performers: performersWith(({ recipients }) => {
      if (recipients[0] === 'a') throw new Error('no mail');
      sent.push(...recipients);
      return Promise.resolve();
    }),
    reportFailure: (kind, cause) => failed.push([kind, String(cause)]),
  });
  expect(sent).toEqual(['b']);
  expect(failed).toEqual([['low-balance-mail', 'Error: no mail']]);
});

test('reports a consequence that hangs after ten seconds', async () => {
  const failed: unknown[] = [];
  const performed = performConsequences([mailTo('a')], {
    performers: performersWith(() => new Promise(() => undefined)),
    reportFailure: (kind, cause) => failed.push([kind, String(cause)]),
  });
  await vi.advanceTimersByTimeAsync(9_999);
  expect(failed).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  await performed;
  expect(failed).toEqual([
    ['low-balance-mail', 'TimeoutError: low-balance-mail took longer than 10000 ms'],
  ]);
});

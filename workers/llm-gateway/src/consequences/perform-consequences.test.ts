import { ExchangeId, OrganizationId } from '@gateway/worker-utils/ids';
import { expect, test } from 'vitest';
import type { Consequence } from './consequence.ts';
import { performConsequences } from './perform-consequences.ts';

const mailTo = (recipient: string): Consequence => ({
  kind: 'low-balance-mail',
  exchange: ExchangeId.parse('0a11ce00-0000-4000-8000-000000000001'),
  organization: OrganizationId.parse('11111111-1111-4111-8111-111111111111'),
  minimumBalance: 1,
  recipients: [recipient],
});

test('a consequence that fails takes no other with it, and is reported', async () => {
  const sent: string[] = [];
  const failed: unknown[] = [];
  await performConsequences([mailTo('a'), mailTo('b')], {
    performers: {
      'first-usage': () => Promise.resolve(),
      'kilo-pass-bonus': () => Promise.resolve(),
      'auto-top-up': () => Promise.resolve(),
      'low-balance-mail': ({ recipients }) => {
        if (recipients[0] === 'a') throw new Error('no mail');
        sent.push(...recipients);
        return Promise.resolve();
      },
    },
    reportFailure: (kind, cause) => failed.push([kind, String(cause)]),
  });
  expect(sent).toEqual(['b']);
  expect(failed).toEqual([['low-balance-mail', 'Error: no mail']]);
});

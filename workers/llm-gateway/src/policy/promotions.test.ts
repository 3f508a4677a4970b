import { AnonymousId, ModelId, UserId } from '@gateway/worker-utils/ids';
import { zeroMicroUsd } from '@gateway/worker-utils/money';
import { Instant } from '@gateway/worker-utils/time';
import { expect, test } from 'vitest';
import type { Caller } from '../exchange/caller.ts';
import { modelOf } from '../catalog/models/catalogue.ts';
import { promotionOf } from './promotions.ts';

const id = UserId.parse('user-1');
const callerWith = (own: { bot?: string; tokenSource?: string }): Caller => ({
  kind: 'user',
  id,
  snapshot: {
    user: {
      id,
      email: 'user@example.com',
      tokenPepper: null,
      isBlocked: false,
      used: zeroMicroUsd,
      acquired: zeroMicroUsd,
      wantsTopUp: false,
    },
    organization: null,
    ownKeys: [],
    readAt: Instant.parse(0),
    customLlms: [],
  },
  bot: own.bot ?? null,
  tokenSource: own.tokenSource ?? null,
});
const model = (text: string) => modelOf(ModelId.parse(text), ModelId.parse(text));
const sonnet = model('anthropic/claude-sonnet-4.6');
const at = (text: string) => Instant.parse(Date.parse(text));

const reviewer = callerWith({ bot: 'reviewer' });
const cloudAgent = callerWith({ tokenSource: 'cloud-agent' });

test.each([
  ['the reviewer', reviewer, '2026-02-01T00:00:00Z', 'code-review'],
  ['the reviewer', reviewer, '2026-02-25T13:59:59.999Z', 'code-review'],
  ['the reviewer', reviewer, '2026-02-25T14:00:00Z', null],
  ['a cloud agent', cloudAgent, '2026-02-26T07:59:59.999Z', null],
  ['a cloud agent', cloudAgent, '2026-02-26T08:00:00Z', 'cloud-agent'],
  ['a cloud agent', cloudAgent, '2026-02-28T07:59:59.999Z', 'cloud-agent'],
  ['a cloud agent', cloudAgent, '2026-02-28T08:00:00Z', null],
  ['another bot', callerWith({ bot: 'auto-fix' }), '2026-02-20T00:00:00Z', null],
  ['a person', callerWith({}), '2026-02-20T00:00:00Z', null],
])('%s: %s is %s', (_name, caller, now, expected) => {
  expect(promotionOf(caller, sonnet, at(now))).toBe(expected);
});

test('other models and callers without an account pay for themselves', () => {
  const now = at('2026-02-20T00:00:00Z');
  expect(promotionOf(reviewer, model('anthropic/claude-opus-4.6'), now)).toBeNull();
  const anonymous: Caller = { kind: 'anonymous', id: AnonymousId.parse('anon:1') };
  expect(promotionOf(anonymous, sonnet, now)).toBeNull();
});

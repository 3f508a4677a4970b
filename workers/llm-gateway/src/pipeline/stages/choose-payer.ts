import { ok, type Result } from '@gateway/worker-utils/result';
import type { Caller } from '../../exchange/caller.ts';
import type { ByokMatched, PayerChosen, Payer } from '../../exchange/exchange.ts';
import { spendableOf } from '../../policy/spendable.ts';
import type { Refusal } from '../../exchange/refusal.ts';

export function choosePayer(exchange: ByokMatched): Result<PayerChosen, Refusal> {
  return ok({ ...exchange, payer: payerOf(exchange.caller) });
}

function payerOf(caller: Caller): Payer {
  if (caller.kind === 'anonymous') return { kind: 'nobody' };
  const { organization } = caller.snapshot;
  const balance = spendableOf(caller.snapshot);
  return organization
    ? { kind: 'organization', id: organization.id, balance }
    : { kind: 'user', balance };
}

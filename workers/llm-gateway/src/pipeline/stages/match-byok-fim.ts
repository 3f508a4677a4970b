import { ok, type Result } from '@gateway/worker-utils/result';
import type { ByokMatched, Identified } from '../../exchange/exchange.ts';
import type { Refusal } from '../../exchange/refusal.ts';

/** Own keys are used through a gateway that fills no gaps. */
export const matchByokFim = (exchange: Identified): Result<ByokMatched, Refusal> =>
  ok({ ...exchange, byok: { kind: 'none' } });

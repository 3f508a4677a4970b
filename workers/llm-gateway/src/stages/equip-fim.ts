import { ok, type Result } from '@gateway/worker-utils/result';
import type { Equipped, Identified } from '../exchange.ts';
import type { Refusal } from '../refusal.ts';

/** Own keys are used through a gateway that fills no gaps. */
export const equipFim = (exchange: Identified): Result<Equipped, Refusal> =>
  ok({ ...exchange, ownKeys: { kind: 'none' } });

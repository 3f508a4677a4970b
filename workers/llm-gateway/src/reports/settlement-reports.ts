import type { Settlement } from '../settle/settlement.ts';
import type { Report } from './report.ts';

/** Somebody was charged, and there is nobody whose balance could have changed. */
export const missingPayerReport = (settlement: Settlement): Report => ({
  level: 'fatal',
  message: 'impossible: missing user',
  source: 'insertUsageAndUpdateBalance',
  isTracked: true,
  user: settlement.payer,
  facts: { exchange: settlement.id, cost: settlement.cost },
});

/** Could not be written in any form: it is owed, and somebody must look at it. */
export const parkedReport = (settlement: Settlement, cause: unknown): Report => ({
  level: 'error',
  message: 'A settlement could not be written',
  source: 'insertUsageRecord',
  isTracked: true,
  user: settlement.payer,
  facts: {
    exchange: settlement.id,
    organizationId: settlement.organization,
    cost: settlement.cost,
    code: cause instanceof Error && 'code' in cause ? String(cause.code) : null,
  },
});

/** Nobody could tell what an answer cost: it is settled as if it had cost nothing. */
export const unknownCostReport = (settlement: Settlement): Report => ({
  // Of an answer that broke off, it may be that it cost nothing.
  level: settlement.hasError ? 'warning' : 'error',
  message: `Timed out fetching ${settlement.provider} generation`,
  source: `${settlement.provider}_generation_fetch`,
  isTracked: true,
  user: settlement.payer,
  facts: {
    exchange: settlement.id,
    organizationId: settlement.organization,
    model: settlement.requestedModel,
    generation: settlement.messageId,
  },
});

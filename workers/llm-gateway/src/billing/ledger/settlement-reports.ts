import type { WriteResult, SettledExchange, SettleOutcome } from '@gateway/db';
import type { Entry } from './entry.ts';
import type { Report } from '../../reporting/reports/report.ts';

const facts = ({ id, organization_id, cost }: SettledExchange) => ({
  exchange: id,
  organizationId: organization_id,
  cost,
});

/** Somebody was charged, and there is nobody whose balance could have changed. Null: it was as it should be. */
export const missingPayerReport = (
  exchange: SettledExchange,
  { microdollars_used, organization }: Pick<WriteResult, 'microdollars_used' | 'organization'>,
): Report | null =>
  (exchange.cost ?? 0) > 0 && microdollars_used === null && organization === null
    ? {
        level: 'fatal',
        message: 'impossible: missing user',
        source: 'insertUsageAndUpdateBalance',
        isTracked: true,
        user: exchange.kilo_user_id,
        facts: facts(exchange),
      }
    : null;

/** Could not be written in any form: it is owed, and somebody must look at it. */
export const quarantinedReport = ({ exchange, code }: SettleOutcome['parked'][number]): Report => ({
  level: 'error',
  message: 'A settlement could not be written',
  source: 'insertUsageRecord',
  isTracked: true,
  user: exchange.kilo_user_id,
  facts: { ...facts(exchange), code },
});

/** Nobody could tell what an answer cost: it is settled as if it had cost nothing. */
export const unknownCostReport = (exchange: SettledExchange): Report => ({
  // Of an answer that broke off, it may be that it cost nothing.
  level: exchange.has_error ? 'warning' : 'error',
  message: `Timed out fetching ${exchange.provider} generation`,
  source: `${exchange.provider}_generation_fetch`,
  isTracked: true,
  user: exchange.kilo_user_id,
  facts: {
    ...facts(exchange),
    model: exchange.requested_model,
    generation: exchange.message_id,
  },
});

/** The answer told one cost, the provider's record of it another. The answer's was charged. */
export const differingCostReport = (exchange: SettledExchange): Report => ({
  level: 'error',
  message: 'The record of a generation tells another cost than its answer did',
  source: `${exchange.provider}_generation_fetch`,
  isTracked: true,
  user: exchange.kilo_user_id,
  facts: { ...facts(exchange), generation: exchange.message_id },
});

/** The record of an answer on a key of the house's own tells OpenRouter's fee alone: its price was worked out from that. */
export const guessedPriceReport = (exchange: SettledExchange): Report => ({
  level: 'error',
  message: `SUSPICIOUS: ${exchange.provider} missing upstream_inference_cost`,
  source: `${exchange.provider}_generation_fetch`,
  isTracked: true,
  user: exchange.kilo_user_id,
  facts: { ...facts(exchange), generation: exchange.message_id },
});

/** A hold is to be the worst case of a request: prices have changed, or a kind of cost is not known to us. */
export const dearReport = ({ settlement, worstCase }: Entry): Report => ({
  level: 'error',
  message: 'An answer cost more than the worst case of its request',
  source: 'ledger',
  isTracked: true,
  user: settlement.kilo_user_id,
  facts: { ...facts(settlement), worstCase, model: settlement.requested_model },
});

/** So much is owed that its payer has to wait. */
export const backlogReport = (refused: SettledExchange, owed: number): Report => ({
  level: 'error',
  message: 'A ledger holds more settlements than Postgres takes',
  source: 'ledger',
  isTracked: true,
  user: refused.kilo_user_id,
  facts: { organizationId: refused.organization_id, owed },
});

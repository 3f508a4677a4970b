import type { WriteResult, SettledExchange, SettleOutcome } from '@gateway/db';
import type { Entry } from './entry.ts';
import type { Report } from '../../reporting/reports/report.ts';

const facts = ({ id, organization_id, cost }: SettledExchange) => ({
  exchange: id,
  organizationId: organization_id,
  cost,
});

/** Reports a charge that changed no balance because the account is missing. Null if all is well. */
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

/** Postgres rejects the row in every form. It stays owed until an operator fixes it. */
export const quarantinedReport = ({ exchange, code }: SettleOutcome['parked'][number]): Report => ({
  level: 'error',
  message: 'A settlement could not be written',
  source: 'insertUsageRecord',
  isTracked: true,
  user: exchange.kilo_user_id,
  facts: { ...facts(exchange), code },
});

/** The cost of an answer is unknown, so it was settled at 0. */
export const unknownCostReport = (exchange: SettledExchange): Report => ({
  // An answer that broke off may have cost nothing.
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

/** The answer and the provider's record report different costs. The answer's cost was charged. */
export const differingCostReport = (exchange: SettledExchange): Report => ({
  level: 'error',
  message: 'The record of a generation tells another cost than its answer did',
  source: `${exchange.provider}_generation_fetch`,
  isTracked: true,
  user: exchange.kilo_user_id,
  facts: { ...facts(exchange), generation: exchange.message_id },
});

/** For an answer on the platform's own key, the record holds only OpenRouter's fee. The price was derived from it. */
export const guessedPriceReport = (exchange: SettledExchange): Report => ({
  level: 'error',
  message: `SUSPICIOUS: ${exchange.provider} missing upstream_inference_cost`,
  source: `${exchange.provider}_generation_fetch`,
  isTracked: true,
  user: exchange.kilo_user_id,
  facts: { ...facts(exchange), generation: exchange.message_id },
});

/** A hold should cover the worst case. Exceeding it means that prices changed or a kind of cost is missing from our model. */
export const dearReport = ({ settlement, worstCase }: Entry): Report => ({
  level: 'error',
  message: 'An answer cost more than the worst case of its request',
  source: 'ledger',
  isTracked: true,
  user: settlement.kilo_user_id,
  facts: { ...facts(settlement), worstCase, model: settlement.requested_model },
});

/** The payer owes so many rows that new requests must wait. */
export const backlogReport = (refused: SettledExchange, owed: number): Report => ({
  level: 'error',
  message: 'A ledger holds more settlements than Postgres takes',
  source: 'ledger',
  isTracked: true,
  user: refused.kilo_user_id,
  facts: { organizationId: refused.organization_id, owed },
});

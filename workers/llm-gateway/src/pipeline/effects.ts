import { type AbuseCost, abuseCostOf } from '../reporting/abuse/cost.ts';
import type { Owner } from '../exchange/owner.ts';
import type { Attempted } from '../exchange/exchange.ts';
import { lowOwner } from '../policy/low-owner.ts';
import type { ExchangeResult } from '../response/exchange-result.ts';
import type { Report } from '../reporting/reports/report.ts';
import { errorReportOf, failoverReportsOf, suspicionsOf } from '../reporting/reports/reports-of.ts';
import type { CostLookup } from '../billing/ledger/cost-lookup.ts';
import {
  type FreeModelCharge,
  freeModelChargeOf,
} from '../billing/settlement/free-model-charge.ts';
import { costLookupAfter } from '../billing/ledger/generation.ts';
import { metricsOf, type TellMetrics } from '../reporting/metrics.ts';
import { type LoggedRequest, loggedRequestOf } from '../reporting/request-log.ts';
import { type Settlement, settlementOf } from '../billing/settlement/settlement.ts';

/** Everything that happens after the answer, as data. */
export type Effect =
  | {
      readonly kind: 'settle';
      readonly settlement: Settlement;
      /** To be asked after it is written: what the provider answers is added, or corrects it. */
      readonly question: CostLookup | null;
    }
  | { readonly kind: 'metrics'; readonly metrics: TellMetrics }
  | { readonly kind: 'log'; readonly line: LogLine }
  | { readonly kind: 'top-up'; readonly owner: Owner }
  | {
      readonly kind: 'report';
      readonly report: Report;
      /** What the provider said. Only its shape may be told. */
      readonly errorText: string | null;
    }
  | {
      readonly kind: 'abuse-cost';
      readonly cost: AbuseCost;
      /** What the abuse service called the request, if it did. */
      readonly classified: Promise<number | null>;
    }
  | { readonly kind: 'free-model-charge'; readonly charge: FreeModelCharge }
  | { readonly kind: 'request-log'; readonly row: () => Promise<LoggedRequest | null> };

/** What an operator finds of an exchange in the log: ids, names and numbers. */
type LogLine = {
  readonly exchange: string;
  readonly payer: string;
  readonly model: string;
  readonly provider: string;
  readonly status: number | null;
  readonly ending: ExchangeResult['ending'];
  readonly cost: number;
  readonly totalMs: number;
  /** Of the client, where it says one: what fails after a release is found by it. */
  readonly clientVersion: number | null;
};

export function effectsOf(
  begun: Attempted,
  reading: ExchangeResult,
  classified: Promise<number | null>,
): readonly Effect[] {
  // Everything is told of the attempt that ended the answer, where another one had begun it.
  const exchange = { ...begun, outcome: reading.outcome };
  const settlement = settlementOf(exchange, reading);
  const cost = abuseCostOf(settlement);
  const row = loggedRequestOf(exchange, reading);
  const charge = freeModelChargeOf(exchange, settlement);
  return [
    { kind: 'settle', settlement, question: costLookupAfter(exchange, reading) },
    { kind: 'metrics', metrics: metricsOf(exchange, reading) },
    { kind: 'log', line: lineOf(settlement, reading) },
    ...topUpEffect(exchange, settlement),
    ...reportEffects({ exchange, reading, settlement }),
    ...(cost ? [{ kind: 'abuse-cost', cost, classified } as const] : []),
    ...(charge ? [{ kind: 'free-model-charge', charge } as const] : []),
    ...(row ? [{ kind: 'request-log', row } as const] : []),
  ];
}

/** What an exchange costs tells the books how much is left. Where it costs nothing, only the snapshot does: as it was read. */
function topUpEffect({ arrival, caller }: Attempted, { cost }: Settlement): readonly Effect[] {
  const isFresh = caller.kind === 'user' && caller.snapshot.readAt >= arrival.at;
  const owner = isFresh && cost === 0 ? lowOwner(caller) : null;
  return owner ? [{ kind: 'top-up', owner }] : [];
}

function reportEffects(seen: Parameters<typeof suspicionsOf>[0]): readonly Effect[] {
  const error = errorReportOf(seen);
  const { errorText } = seen.reading;
  return [
    ...(error ? [{ kind: 'report', report: error, errorText } as const] : []),
    ...[...failoverReportsOf(seen), ...suspicionsOf(seen)].map(
      (report) => ({ kind: 'report', report, errorText: null }) as const,
    ),
  ];
}

const lineOf = (settlement: Settlement, { status, ending, endedAt }: ExchangeResult): LogLine => ({
  exchange: settlement.id,
  payer: settlement.payer,
  model: settlement.requestedModel,
  provider: settlement.provider,
  status,
  ending,
  cost: settlement.cost,
  totalMs: endedAt - settlement.at,
  clientVersion: settlement.client.version,
});

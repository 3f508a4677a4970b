import type { ApiMetricsInput } from '@gateway/worker-utils/api-metrics';
import type { Attempted } from '../exchange.ts';
import type { Reading } from '../relay/reading.ts';
import { metricsOf } from './metrics.ts';
import { type Settlement, settlementOf } from './settlement.ts';

/** Everything that happens after the answer, as data. */
export type Effect =
  | { readonly kind: 'settle'; readonly settlement: Settlement }
  | { readonly kind: 'metrics'; readonly metrics: ApiMetricsInput };

export const effectsOf = (exchange: Attempted, reading: Reading): readonly Effect[] => [
  { kind: 'settle', settlement: settlementOf(exchange, reading) },
  { kind: 'metrics', metrics: metricsOf(exchange, reading) },
];

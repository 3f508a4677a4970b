import type { SettledRow } from '@gateway/db';
import { z } from 'zod';

/** One thing that does not agree, and where. */
export type Difference = { readonly exchange: string; readonly what: string };

/** What the gateway tells of a ledger, as far as it matters here. */
export const LedgerView = z.object({
  exchanges: z.array(
    z.object({
      id: z.string(),
      state: z.enum(['running', 'owed', 'parked', 'asked']),
      cost: z.number().nullable(),
      leaseUntil: z.number().nullable(),
    }),
  ),
});
export type LedgerView = z.infer<typeof LedgerView>;

/** What a provider says that a generation cost. `unknown`: it has no record of it. */
export type GenerationCost = number | 'unknown';

/** An exchange that a ledger still holds, and that Postgres does not have as the ledger does. */
export function ledgerDifferences(
  ledger: string,
  { exchanges }: LedgerView,
): readonly Difference[] {
  return exchanges.flatMap(({ id, state, cost }) => {
    if (state === 'owed')
      return [{ exchange: id, what: `${ledger} owes it (${money(cost)}): not in Postgres yet` }];
    if (state === 'parked')
      return [{ exchange: id, what: `${ledger} owes it (${money(cost)}): Postgres refuses it` }];
    return [];
  });
}

/** A row against its attempts, and each attempt against what its provider says. */
export function rowDifferences(
  { id, cost, market_cost, attempts }: SettledRow,
  costOf: (generation: string) => GenerationCost | undefined,
): readonly Difference[] {
  if (attempts.length === 0) return [{ exchange: id, what: 'has a row and no attempt' }];
  const last = attempts.at(-1);
  const told = last?.generation_id ? costOf(last.generation_id) : undefined;
  const worth = market_cost ?? cost;
  const wrong = [
    cost !== 0 && cost !== worth && `is charged ${money(cost)}, and was worth ${money(worth)}`,
    last?.upstream_cost !== undefined &&
      last.upstream_cost !== null &&
      last.upstream_cost !== worth &&
      `was worth ${money(worth)}, and its attempt cost ${money(last.upstream_cost)}`,
    told === 'unknown' &&
      worth !== 0 &&
      `was worth ${money(worth)}, and ${last?.provider} has no record of it`,
    typeof told === 'number' &&
      told !== worth &&
      `was worth ${money(worth)}, and ${last?.provider} took ${money(told)}`,
  ];
  return wrong.flatMap((what) => (what === false ? [] : [{ exchange: id, what }]));
}

const money = (amount: number | null): string =>
  amount === null ? 'cost unknown' : `$${(amount / 1_000_000).toFixed(6)}`;

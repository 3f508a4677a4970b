import { Instant } from '@gateway/worker-utils/time';
import type { Caller } from '../exchange/caller.ts';
import type { Model } from '../catalog/models/catalogue.ts';

type Promotion = {
  readonly id: string;
  /** Of the caller's token. */
  readonly field: 'bot' | 'tokenSource';
  readonly value: string;
  readonly model: string;
  /** Null: no start. */
  readonly from: Instant | null;
  /** Exclusive. */
  readonly until: Instant;
};

const instant = (text: string): Instant => Instant.parse(Date.parse(text));

/** All have ended. Add a row for a new promotion. */
const promotions: readonly Promotion[] = [
  {
    id: 'code-review',
    field: 'bot',
    value: 'reviewer',
    model: 'anthropic/claude-sonnet-4.6',
    from: null,
    until: instant('2026-02-25T14:00:00Z'),
  },
  {
    id: 'cloud-agent',
    field: 'tokenSource',
    value: 'cloud-agent',
    model: 'anthropic/claude-sonnet-4.6',
    from: instant('2026-02-26T08:00:00Z'),
    until: instant('2026-02-28T08:00:00Z'),
  },
];

/** Whether any promotion, past ones included, has paid for the model. */
export const isPromoted = (id: string): boolean => promotions.some(({ model }) => model === id);

/** The promotion that pays for this caller's use of this model, by its id. */
export function promotionOf(caller: Caller, model: Model, now: Instant): string | null {
  if (caller.kind === 'anonymous') return null;
  const found = promotions.find(
    ({ field, value, model: id, from, until }) =>
      caller[field] === value && model.resolved === id && (from ?? 0) <= now && now < until,
  );
  return found?.id ?? null;
}

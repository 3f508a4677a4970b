import { err, ok, type Result } from '@gateway/worker-utils/result';
import type { Admitted, Funded } from '../exchange.ts';
import { customLlmOf } from '../custom-llm/custom-llm.ts';
import { needsDataCollection, refusesDataCollection } from '../policy/data-collection.ts';
import {
  allowsNothing,
  type MergedPreferences,
  mergedPreferences,
} from '../policy/merged-preferences.ts';
import { allowsModel, preferencesOf } from '../policy/organization-policy.ts';
import { promotionOf } from '../policy/promotions.ts';
import { asksForTooManyTokens } from '../policy/token-cap.ts';
import type { Refusal } from '../refusal.ts';

const granted: unique symbol = Symbol('granted');
/** Proof that policy said yes, and under which terms. Only this file can make one. */
export type Grant = Terms & { readonly [granted]: true };

type Terms = {
  /** The request's `provider` within the rules of the organisation; null: there are none. */
  readonly preferences: MergedPreferences | null;
  /** Who pays instead. Decided once: a promotion that ends while it answers is kept. */
  readonly promotion: string | null;
};

export function admit(exchange: Funded): Result<Admitted, Refusal> {
  const { caller, model, arrival, chat } = exchange;
  const organization = caller.kind === 'user' ? caller.snapshot.organization : null;
  const rules = organization && preferencesOf(organization);
  const terms: Terms = {
    preferences: rules && mergedPreferences(rules, chat['provider']),
    promotion: promotionOf(caller, model, arrival.at),
  };
  const refusal = objectionTo(exchange, terms);
  return refusal ? err(refusal) : ok({ ...exchange, grant: { ...terms, [granted]: true } });
}

/** The order of the rules is observable: it decides which of two faults a client hears of. */
function objectionTo(exchange: Funded, { preferences, promotion }: Terms): Refusal | null {
  const { chat, model, caller, payer, ownKeys } = exchange;
  if (asksForTooManyTokens(chat)) return { kind: 'token-cap-exceeded' };
  if (model.hosted?.state === 'retired') return { kind: 'alpha-ended' };
  if (model.isWithdrawn) return { kind: 'model-withdrawn' };
  // A model of the organisation's own costs us nothing, and is allowed by being there.
  const isOwnModel = customLlmOf(caller, model) !== null;
  if (payer.kind !== 'nobody' && caller.kind === 'user' && !isOwnModel) {
    const isPaidElsewhere = model.isFree || promotion !== null || ownKeys.kind !== 'none';
    if (payer.balance <= 0 && !isPaidElsewhere) {
      return {
        kind: 'credits-required',
        user: caller.id,
        organization: payer.kind === 'organization' ? payer.id : null,
        balance: payer.balance,
      };
    }
    const { organization } = caller.snapshot;
    if (organization && !allowsModel(organization, model)) return { kind: 'model-not-allowed' };
    // Own keys have providers of their own.
    if (ownKeys.kind === 'none' && allowsNothing(preferences)) return { kind: 'model-not-allowed' };
    if (ownKeys.kind === 'forbidden') return { kind: 'model-not-allowed' };
  }
  if (needsDataCollection(model) && refusesDataCollection(preferences ?? chat['provider'])) {
    return { kind: 'data-collection-required' };
  }
  return null;
}

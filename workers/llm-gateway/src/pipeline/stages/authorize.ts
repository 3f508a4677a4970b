import { err, ok, type Result } from '@gateway/worker-utils/result';
import type { Authorized, PayerChosen } from '../../exchange/exchange.ts';
import { isSponsored } from '../../catalog/models/catalogue.ts';
import { isAllFree } from '../../policy/is-charged.ts';
import { refusedFallbackOf } from '../../policy/named-fallbacks.ts';
import { forbiddenFieldOf, hasRules, restrictsHosts } from '../../policy/organization-extras.ts';
import { costlyFieldOf } from '../../policy/unpaid-request.ts';
import { customLlmOf } from '../../exchange/custom-llm.ts';
import { needsDataCollection, refusesDataCollection } from '../../policy/data-collection.ts';
import {
  allowsNothing,
  type MergedPreferences,
  mergedPreferences,
} from '../../policy/merged-preferences.ts';
import { allowsModel, preferencesOf } from '../../policy/organization-policy.ts';
import { promotionOf } from '../../policy/promotions.ts';
import { asksForTooManyTokens } from '../../policy/token-cap.ts';
import type { Refusal } from '../../exchange/refusal.ts';

const granted: unique symbol = Symbol('granted');
/** Proof that policy said yes, and under which terms. Only this file can make one. */
export type Grant = Terms & { readonly [granted]: true };

type Terms = {
  /** The request's `provider` within the rules of the organisation; null: there are none. */
  readonly preferences: MergedPreferences | null;
  /** Who pays instead. Decided once: a promotion that ends while it answers is kept. */
  readonly promotion: string | null;
  /**
   * What may go upstream of the request. `listed`: fields that are known alone, and a file is read by this parser where the
   * request names none. Null: all of it, as it is.
   */
  readonly listed: { readonly parser: 'native' | 'cloudflare-ai' | null } | null;
};

export function authorize(exchange: PayerChosen): Result<Authorized, Refusal> {
  const { caller, model, arrival, chat } = exchange;
  const organization = caller.kind === 'user' ? caller.snapshot.organization : null;
  const rules = organization && preferencesOf(organization);
  const terms: Terms = {
    preferences: rules && mergedPreferences(rules, chat['provider']),
    promotion: promotionOf(caller, model, arrival.at),
    listed: null,
  };
  const refusal = objectionTo(exchange, terms);
  if (refusal) return err(refusal);
  const listed = listedFor(exchange, terms);
  return ok({ ...exchange, grant: { ...terms, listed, [granted]: true } });
}

/** Nobody is charged for it by us, and no account of the caller's own pays. */
function isUnpaid(exchange: PayerChosen, { promotion }: Pick<Terms, 'promotion'>): boolean {
  if (isServedByOwn(exchange)) return false;
  return exchange.payer.kind === 'nobody' || promotion !== null || isAllFree(exchange);
}

/** With a key of the caller's, or at an endpoint of the organisation's. */
const isServedByOwn = ({ byok, caller, model }: PayerChosen): boolean =>
  byok.kind === 'fitting' || customLlmOf(caller, model) !== null;

function listedFor(exchange: PayerChosen, terms: Pick<Terms, 'promotion'>): Terms['listed'] {
  const { caller, model } = exchange;
  if (customLlmOf(caller, model)) return null;
  const organization = caller.kind === 'user' ? caller.snapshot.organization : null;
  if (organization && restrictsHosts(organization)) return { parser: 'native' };
  if (isUnpaid(exchange, terms)) return { parser: 'cloudflare-ai' };
  return organization && hasRules(organization) ? { parser: null } : null;
}

/** What of the request may not be asked for, whoever may ask for the model. */
function fieldRefused(exchange: PayerChosen, { promotion }: Terms): Refusal | null {
  const { chat, model, fallbacks, caller } = exchange;
  const organization = caller.kind === 'user' ? caller.snapshot.organization : null;
  if (organization && customLlmOf(caller, model) === null) {
    const field = forbiddenFieldOf(chat, organization);
    if (field) return { kind: 'field-refused', field, why: 'organization' };
  }
  const unpaid = isUnpaid(exchange, { promotion });
  const named = [model, ...fallbacks.map((fallback) => fallback.model)];
  if (unpaid && named.some(({ isSuspended }) => isSuspended))
    return { kind: 'free-model-suspended' };
  const costly = unpaid ? costlyFieldOf(chat, { model, promotion }) : null;
  if (costly) return { kind: 'field-refused', field: costly, why: 'unpaid' };
  const fallback = refusedFallbackOf({
    model,
    fallbacks,
    organization,
    isServedByOwn: isServedByOwn(exchange),
    isUnpaid: unpaid || exchange.payer.kind === 'nobody',
  });
  return fallback ? { kind: 'field-refused', field: fallback, why: 'fallback' } : null;
}

/** The order of the rules is observable: it decides which of two faults a client hears of. */
function objectionTo(exchange: PayerChosen, terms: Terms): Refusal | null {
  const { preferences, promotion } = terms;
  const { chat, model, caller, payer, byok } = exchange;
  if (asksForTooManyTokens(chat)) return { kind: 'token-cap-exceeded' };
  if (model.sponsored?.state === 'retired') return { kind: 'alpha-ended' };
  if (model.isWithdrawn) return { kind: 'model-withdrawn' };
  // A model of the organisation's own costs us nothing, and is allowed by being there.
  const isOwnModel = customLlmOf(caller, model) !== null;
  if (payer.kind !== 'nobody' && caller.kind === 'user' && !isOwnModel) {
    const isFree = isAllFree(exchange) || isSponsored(model);
    const isPaidElsewhere = isFree || promotion !== null || byok.kind !== 'none';
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
    if (byok.kind === 'none' && allowsNothing(preferences)) return { kind: 'model-not-allowed' };
    if (byok.kind === 'forbidden') return { kind: 'model-not-allowed' };
  }
  if (needsDataCollection(model) && refusesDataCollection(preferences ?? chat['provider'])) {
    return { kind: 'data-collection-required' };
  }
  return fieldRefused(exchange, terms);
}

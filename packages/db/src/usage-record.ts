import { type ExchangeId, OrganizationId } from '@gateway/worker-utils/ids';
import { type LookupKind, lookupKinds } from './lookup-kinds.ts';
import { type LookupIds, lookupKey, type LookupValue } from './queries/resolve-lookups.ts';
import { sanitizeAttempts, sanitizeMetadata } from './sanitize-metadata.ts';
import { integerWithin, lookupText, storableText } from './sanitize.ts';
import type { SettledExchange } from './settled-exchange.ts';

/** A record that the settling statement takes as it is. */
export type UsageRecord = Readonly<Record<string, unknown>> & { readonly id: ExchangeId };

/** What was never learnt has been written so ever since. */
export const MISSING_MESSAGE_ID = '<missing>';

/** The lookup values of an exchange, fit to be stored. */
export function lookupValuesOf(exchange: SettledExchange): readonly LookupValue[] {
  return lookupKinds.flatMap((kind) => {
    const value = lookupText(storedLookup(exchange, kind));
    return value === null ? [] : [{ kind, value }];
  });
}

/** Prompts of organisations are not kept. */
const storedLookup = ({ organization_id, lookups }: SettledExchange, kind: LookupKind) =>
  organization_id !== null && kind === 'system_prompt_prefix' ? null : (lookups[kind] ?? null);

/** Where the column can't hold the organisation's id, its user pays: somebody must. */
const storableOrganization = ({ organization_id }: SettledExchange): OrganizationId | null =>
  OrganizationId.nullable().safeParse(organization_id).data ?? null;

/** The row that counts, without anything that a client could have made unstorable. */
export const coreRecord = (exchange: SettledExchange): UsageRecord => ({
  id: exchange.id,
  revision: exchange.revision,
  created_at: new Date(exchange.created_at).toISOString(),
  kilo_user_id: exchange.kilo_user_id,
  organization_id: storableOrganization(exchange),
  cost: exchange.cost,
  input_tokens: integerWithin(exchange.input_tokens, 53) ?? 0,
  output_tokens: integerWithin(exchange.output_tokens, 53) ?? 0,
  cache_write_tokens: integerWithin(exchange.cache_write_tokens, 53) ?? 0,
  cache_hit_tokens: integerWithin(exchange.cache_hit_tokens, 53) ?? 0,
  provider: storableText(exchange.provider),
  model: storableText(exchange.model),
  requested_model: storableText(exchange.requested_model),
  cache_discount: exchange.cache_discount,
  has_error: exchange.has_error,
  inference_provider: storableText(exchange.inference_provider),
  project_id: storableText(exchange.project_id),
  message_id: storableText(exchange.message_id) ?? MISSING_MESSAGE_ID,
  attempts: [],
});

/** The whole record. Money must not depend on it: where it can't be written, `coreRecord` is. */
export function fullRecord(exchange: SettledExchange, ids: LookupIds): UsageRecord {
  const lookups = lookupValuesOf(exchange).map(
    (value) => [`${value.kind}_id`, ids.get(lookupKey(value)) ?? null] as const,
  );
  return {
    ...coreRecord(exchange),
    ...sanitizeMetadata(exchange),
    ...Object.fromEntries(lookups),
    attempts: sanitizeAttempts(exchange.attempts),
  };
}

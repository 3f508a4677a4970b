import { AnonymousId, type ExchangeId, OrganizationId, UserId } from '@gateway/worker-utils/ids';

/** The ledger's owner. Callers without an account share a fixed number of ledgers: they owe nothing, but their rows must be written. */
export type LedgerOwner =
  | { readonly kind: 'user'; readonly id: UserId }
  | { readonly kind: 'org'; readonly id: OrganizationId }
  | { readonly kind: 'anon'; readonly shard: number };

const ANONYMOUS_SHARDS = 16;

export function ownerOf(exchange: {
  readonly id: ExchangeId;
  readonly payer: UserId | AnonymousId;
  readonly organization: OrganizationId | null;
}): LedgerOwner {
  if (exchange.organization !== null) return { kind: 'org', id: exchange.organization };
  if (!AnonymousId.safeParse(exchange.payer).success) {
    return { kind: 'user', id: UserId.parse(exchange.payer) };
  }
  return { kind: 'anon', shard: Number.parseInt(exchange.id.slice(0, 2), 16) % ANONYMOUS_SHARDS };
}

/** The name of the owner's object, which operators also use. */
export const ledgerName = (owner: LedgerOwner): string =>
  `${owner.kind}:${owner.kind === 'anon' ? owner.shard : owner.id}`;

/** Null if no ledger has this name. */
export function ledgerOwnerIn(name: string): LedgerOwner | null {
  const [, kind, id = ''] = /^(?<kind>user|org|anon):(?<id>.+)$/s.exec(name) ?? [];
  if (kind === 'user') return { kind, id: UserId.parse(id) };
  if (kind === 'org') {
    const organization = OrganizationId.safeParse(id);
    return organization.success ? { kind, id: organization.data } : null;
  }
  const isShard = kind === 'anon' && /^\d+$/.test(id) && Number(id) < ANONYMOUS_SHARDS;
  return isShard ? { kind: 'anon', shard: Number(id) } : null;
}

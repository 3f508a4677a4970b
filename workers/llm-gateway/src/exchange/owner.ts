import type { OrganizationId, UserId } from '@gateway/worker-utils/ids';

/** The owner of a balance. */
export type Owner =
  | { readonly kind: 'user'; readonly id: UserId }
  | { readonly kind: 'organization'; readonly id: OrganizationId };

type Spender = { readonly user: UserId; readonly organization: OrganizationId | null };

/** An organisation pays for everyone who acts for it. */
export const ownerOf = ({ user, organization }: Spender): Owner =>
  organization === null ? { kind: 'user', id: user } : { kind: 'organization', id: organization };

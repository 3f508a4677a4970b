import type { MicroUsd } from '@gateway/worker-utils/money';
import type { OrganizationId, UserId } from '@gateway/worker-utils/ids';
import type { BodyLimit } from '@gateway/worker-utils/body-limits';

/** Every way the gateway can turn a request away. A new arm does not compile until `render` has it. */
export type Refusal =
  | { readonly kind: 'path-unknown' }
  | { readonly kind: 'method-not-allowed'; readonly allow: string }
  | { readonly kind: 'body-too-large'; readonly limit: BodyLimit }
  /** The body did not come in time. */
  | { readonly kind: 'body-too-slow' }
  /** Newer bodies took the memory of one that had not ended. */
  | { readonly kind: 'body-crowded-out' }
  /** The client left before its body had ended. */
  | { readonly kind: 'body-broken' }
  | { readonly kind: 'encoding-unsupported' }
  | {
      readonly kind: 'body-unreadable';
      readonly body: Uint8Array;
      readonly position: number | null;
    }
  | { readonly kind: 'model-missing' }
  | { readonly kind: 'model-name-invalid' }
  | { readonly kind: 'address-unknown' }
  | { readonly kind: 'free-limit-reached'; readonly retryAfterSeconds: number }
  | { readonly kind: 'sign-in-required' }
  /** For account endpoints, which require a valid token. */
  | { readonly kind: 'token-required' }
  | { readonly kind: 'promotion-limit-reached' }
  | { readonly kind: 'token-cap-exceeded' }
  | { readonly kind: 'alpha-ended' }
  | { readonly kind: 'model-withdrawn' }
  /** It is free, but its provider charged for it. */
  | { readonly kind: 'free-model-suspended' }
  | {
      readonly kind: 'credits-required';
      readonly user: UserId;
      /** Null: the user pays. */
      readonly organization: OrganizationId | null;
      readonly balance: MicroUsd;
    }
  | { readonly kind: 'balance-reserved' }
  | { readonly kind: 'model-not-allowed' }
  | { readonly kind: 'data-collection-required' }
  /** `unpaid`: it costs money or names another model, and nobody is charged. */
  | {
      readonly kind: 'field-refused';
      /** Of the request: `plugins[0]`, `provider.order`. */
      readonly field: string;
      readonly why: 'unpaid' | 'organization' | 'fallback';
    }
  /** The caller has BYOK keys for the model, but none can be decrypted. */
  | { readonly kind: 'byok-keys-unusable' }
  /** What is wrong, in words for the client: with the request (400), or with the model (500). */
  | { readonly kind: 'custom-llm-unusable'; readonly status: 400 | 500; readonly problem: string }
  /** The `Idempotency-Key` is malformed. */
  | { readonly kind: 'key-invalid' }
  /** The `Idempotency-Key` was used with another body. */
  | { readonly kind: 'key-reused' }
  /** The answer under the `Idempotency-Key` was too large to store. */
  | { readonly kind: 'key-answer-too-large' }
  | { readonly kind: 'unavailable' };

/** Whether another snapshot of the caller might not have refused. What `identify` refuses, it has checked itself. */
export function restsOnSnapshot(refusal: Refusal): boolean {
  switch (refusal.kind) {
    case 'credits-required':
    case 'model-not-allowed':
    case 'data-collection-required':
    case 'byok-keys-unusable':
    case 'custom-llm-unusable':
    case 'field-refused':
      return true;
    case 'path-unknown':
    case 'method-not-allowed':
    case 'body-too-large':
    case 'body-too-slow':
    case 'body-crowded-out':
    case 'body-broken':
    case 'encoding-unsupported':
    case 'body-unreadable':
    case 'model-missing':
    case 'model-name-invalid':
    case 'address-unknown':
    case 'free-limit-reached':
    case 'sign-in-required':
    case 'token-required':
    case 'promotion-limit-reached':
    case 'token-cap-exceeded':
    case 'alpha-ended':
    case 'model-withdrawn':
    case 'free-model-suspended':
    case 'balance-reserved':
    case 'key-invalid':
    case 'key-reused':
    case 'key-answer-too-large':
    case 'unavailable':
      return false;
  }
}

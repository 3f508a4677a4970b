import { Clearing as ClearingOf } from './platform/durable-objects/settlement-batcher.ts';
import { Completion as CompletionOf } from './platform/durable-objects/idempotent-answer.ts';
import { Ledger as LedgerOf } from './platform/durable-objects/ledger.ts';
import { appWith } from './app.ts';
import { needsFrom } from './platform/wiring/needs.ts';
import { accountsFrom } from './platform/wiring/batcher.ts';
import { idempotentAnswerPortsFrom } from './platform/wiring/idempotency.ts';
import { ledgerPortsFrom } from './platform/wiring/ledger.ts';

export { AnswerQuota } from './platform/services/answer-quota.ts';
export { LedgerIndex } from './platform/durable-objects/ledger-index.ts';
export { RateLimiter } from './platform/durable-objects/rate-limiter.ts';
export { SharedCircuit } from './platform/durable-objects/shared-circuit.ts';

/** As the platform makes one: it gives an object its place and the bindings, and nothing else. */
export class Ledger extends LedgerOf {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env, ledgerPortsFrom);
  }
}

export class Completion extends CompletionOf {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env, idempotentAnswerPortsFrom(needsFrom));
  }
}

export class Clearing extends ClearingOf {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env, accountsFrom);
  }
}

export default appWith(needsFrom);

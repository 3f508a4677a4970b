import { Clearing as ClearingOf } from './adapters/clearing.ts';
import { Completion as CompletionOf } from './adapters/completion.ts';
import { Ledger as LedgerOf } from './adapters/ledger.ts';
import { appWith } from './app.ts';
import { needsFrom } from './wiring.ts';
import { accountsFrom } from './wiring/clearing.ts';
import { idempotentAnswerPortsFrom } from './wiring/completion.ts';
import { ledgerPortsFrom } from './wiring/ledger.ts';

export { AnswerQuota } from './adapters/answer-quota.ts';
export { LedgerIndex } from './adapters/ledger-index.ts';
export { RateLimiter } from './adapters/rate-limiter.ts';
export { SharedCircuit } from './adapters/shared-circuit.ts';

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

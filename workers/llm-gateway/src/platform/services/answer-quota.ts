import { DurableObject } from 'cloudflare:workers';
import { lazySql } from '@gateway/worker-utils/lazy-sql';
import { sqlOf } from '@gateway/worker-utils/sql';
import { systemClock } from '@gateway/worker-utils/system-clock';
import {
  type AnswerClaim,
  type AnswerQuota as Quota,
  answerQuota,
} from '../../idempotency/answer-quota.ts';

/** What one user keeps under Idempotency-Keys. The rules are in `once/`; this gives them disk and time. */
export class AnswerQuota extends DurableObject<Env> {
  readonly #sql = lazySql(sqlOf(this.ctx.storage.sql));
  #quota: Quota = answerQuota(this.#sql);

  async claim(claim: AnswerClaim): Promise<boolean> {
    const bytesMax = Number(this.env.COMPLETION_KEPT_BYTES_MAX_PER_USER);
    const isGranted = this.#quota.claim(claim, systemClock.now(), bytesMax);
    if (isGranted && (await this.ctx.storage.getAlarm()) === null) {
      await this.ctx.storage.setAlarm(claim.deleteAt);
    }
    return isGranted;
  }

  override async alarm(): Promise<void> {
    // No answer may be claimed in between: it would be deleted with the rest.
    await this.ctx.blockConcurrencyWhile(async () => {
      const next = this.#quota.forget(systemClock.now());
      if (next !== null) return this.ctx.storage.setAlarm(next);
      await this.ctx.storage.deleteAll();
      this.#sql.emptied();
      this.#quota = answerQuota(this.#sql);
    });
  }
}

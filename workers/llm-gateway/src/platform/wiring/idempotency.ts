import { lazySql } from '@gateway/worker-utils/lazy-sql';
import { sqlOf } from '@gateway/worker-utils/sql';
import { systemClock } from '@gateway/worker-utils/system-clock';
import { withTimeout } from '@gateway/worker-utils/with-timeout';
import { z } from 'zod';
import type { CompletionPlace } from '../durable-objects/idempotent-answer.ts';
import { idempotentAnswersOf } from '../durable-objects/clients/idempotent-answers.ts';
import { consoleLog } from '../log.ts';
import { pseudonymOf } from '../pseudonyms.ts';
import { randomExchangeIds } from '../system.ts';
import { handle, type Handled } from '../../pipeline/handle.ts';
import type { IdempotentAnswers } from '../../idempotency/handle-idempotent.ts';
import type { AnswerClaim } from '../../idempotency/answer-quota.ts';
import { answerStoreIn } from '../../idempotency/answer-store.ts';
import type { Ports } from '../../idempotency/idempotent-answer.ts';
import type { KeyedRequest } from '../../idempotency/keyed-request.ts';
import { sealFor } from '../../idempotency/seal.ts';
import { internalError } from '../../response/render-refusal.ts';
import type { needsFrom } from './needs.ts';
import { wiringDepsFrom, reporterFrom } from './deps.ts';

/** Whoever waits for the end of an answer waits for this. */
const QUOTA_MS_MAX = 2_000;

const claimFrom = async (env: Env, name: string, claim: AnswerClaim): Promise<boolean> =>
  env.ANSWER_QUOTA.getByName(name).claim(claim);

const Seconds = z.coerce.number().positive();

/** Where requests that name a key are answered. */
export function idempotentAnswersFrom(
  env: Env,
  context: { readonly requestId: string },
): { readonly completions: IdempotentAnswers } {
  const { log, secret } = wiringDepsFrom(env, context);
  const naming = () => secret('ANONYMOUS_ID_SECRET');
  return { completions: idempotentAnswersOf({ objects: env.COMPLETION, secret: naming, log }) };
}

/** What the object of a key asks of the outside: of the answer, all that any request asks. */
export const idempotentAnswerPortsFrom =
  (needsOf: typeof needsFrom) =>
  (env: Env, place: CompletionPlace): Ports<KeyedRequest> => {
    const { storage, wakeAt, background, alone } = place;
    const { log, secret } = wiringDepsFrom(env, {});
    const sql = lazySql(sqlOf(storage.sql));
    const store = answerStoreIn(sql);
    return {
      store,
      clock: systemClock,
      sealFor: async (identity) => sealFor(await secret('ANONYMOUS_ID_SECRET'), identity),
      exchangeIds: randomExchangeIds,
      async mayKeep(owner, claim): Promise<boolean> {
        try {
          const name = await pseudonymOf(await secret('ANONYMOUS_ID_SECRET'), owner);
          return await withTimeout(claimFrom(env, name, claim), QUOTA_MS_MAX, 'answer quota');
        } catch (cause) {
          // Unknown is not full: freeing the key would make a repeat a second generation and a second charge.
          log.error('answer quota unreachable', { cause });
          return true;
        }
      },
      sync: () => storage.sync(),
      erase: () =>
        alone(async () => {
          await storage.deleteAll();
          sql.emptied();
          store.create();
        }),
      wakeAt,
      unattendedMs: Seconds.parse(env.COMPLETION_UNREAD_SECONDS) * 1000,
      retentionMs: Seconds.parse(env.COMPLETION_KEPT_SECONDS) * 1000,
      log,
      async handle(asked, { exchange, left }): Promise<Handled> {
        const { requestId, traceparent, edge, url, headers, body } = asked;
        const traced = { name: 'chat completion', traceparent } as const;
        const needs = needsOf(env, { requestId, traced, background });
        const init = { method: 'POST', headers: headers.map(([...header]) => header), body };
        try {
          const handled = await handle(
            { request: new Request(url, { ...init, signal: left }), edge },
            { ...needs, exchangeIds: { next: () => exchange } },
          );
          needs.trace.answered(handled.response.status);
          const settled = handled.settled.catch(() => undefined).then(needs.trace.send);
          background(settled);
          return { ...handled, settled };
        } catch (cause) {
          await reporterFrom(env, consoleLog({ requestId })).unexpected(cause);
          const isWhole = Promise.resolve(false);
          return { response: internalError(), isWhole, settled: Promise.resolve() };
        }
      },
    };
  };

import type { Log } from '@gateway/worker-utils/json-log';
import { withObjectRetry } from '@gateway/worker-utils/with-object-retry';
import type { IdempotentAnswers } from '../../../idempotency/handle-idempotent.ts';
import type { KeyRefusal } from '../../../idempotency/stored-answer.ts';
import type { Completion } from '../idempotent-answer.ts';
import { pseudonymOf } from '../../pseudonyms.ts';
import { pause } from '@gateway/worker-utils/pause';
import { systemChance } from '../../system.ts';

type Needs = {
  /** One object for each key of a caller. */
  readonly objects: Pick<DurableObjectNamespace<Completion>, 'getByName'>;
  readonly secret: () => Promise<string>;
  readonly log: Log;
};

/** The answers to keys. To ask again is harmless: that is what a key is for. */
export const idempotentAnswersOf = ({ objects, secret, log }: Needs): IdempotentAnswers => ({
  async answer(request, left) {
    try {
      // The platform's tools show the names of objects.
      const name = await pseudonymOf(await secret(), request.identity);
      const stub = () => objects.getByName(name);
      const leave = async (): Promise<void> => stub().leave(request.listener);
      left.addEventListener('abort', () => void leave().catch(() => undefined), { once: true });
      const answer = await withObjectRetry(
        { stub, pause, chance: systemChance },
        async (object): Promise<Response | KeyRefusal> => object.answer(request),
      );
      const settled = async (): Promise<void> => stub().settled();
      // What is not heard to be settled is settled all the same, by a ledger at the latest.
      return { answer, settled: settled().catch(() => undefined) };
    } catch (cause) {
      log.error('answer under a key unreachable', { cause });
      return null;
    }
  },
});

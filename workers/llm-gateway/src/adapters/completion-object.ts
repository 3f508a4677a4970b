import type { Log } from '@gateway/worker-utils/json-log';
import { withObjectRetry } from '@gateway/worker-utils/with-object-retry';
import type { KeyRefusal } from '../once/kept.ts';
import type { Completion, KeyedRequest } from './completion.ts';
import { pseudonymOf } from './pseudonyms.ts';
import { pause, systemChance } from './system.ts';

type Needs = {
  /** One object for each key of a caller. */
  readonly objects: Pick<DurableObjectNamespace<Completion>, 'getByName'>;
  readonly secret: () => Promise<string>;
  readonly log: Log;
};

export type Completions = {
  /** Null: its object can't be reached. To answer without it would be to answer twice. */
  readonly answer: (
    request: KeyedRequest,
    left: AbortSignal,
  ) => Promise<Response | KeyRefusal | null>;
};

/** The answers to keys. Asking again is harmless: that is what a key is for. */
export const completionsOf = ({ objects, secret, log }: Needs): Completions => ({
  async answer(request, left) {
    try {
      // The platform's tools show the names of objects.
      const name = await pseudonymOf(await secret(), request.identity);
      const stub = () => objects.getByName(name);
      left.addEventListener(
        'abort',
        () =>
          void stub()
            .leave(request.listener)
            .catch(() => undefined),
        { once: true },
      );
      return await withObjectRetry(
        { stub, pause, chance: systemChance },
        async (object): Promise<Response | KeyRefusal> => object.answer(request),
      );
    } catch (cause) {
      log.error('answer under a key unreachable', { cause });
      return null;
    }
  },
});

import { accountProfile, type Database, providersModels } from '@gateway/db';
import type { Log } from '@gateway/worker-utils/json-log';
import { err, ok } from '@gateway/worker-utils/result';
import type { Clock } from '@gateway/worker-utils/time';
import { withTimeout } from '@gateway/worker-utils/with-timeout';
import type { Profiles } from '../../http/api/account.ts';
import { emptyMemory, type Remembered, rememberedOf } from '../remembered.ts';
import { pause } from '@gateway/worker-utils/pause';

type Needs = {
  readonly lend: <T>(work: (database: Database) => Promise<T>) => Promise<T>;
  readonly log: Log;
};

const ANSWER_MS_MAX = 2_000;
const FRESH_MS = 5 * 60 * 1000;

export const profilesOf = ({ lend, log }: Needs): Profiles => ({
  async of(user) {
    try {
      const asking = lend((database) => accountProfile(database, user));
      return ok(await withTimeout(asking, ANSWER_MS_MAX, 'profile'));
    } catch (cause) {
      log.error('profile unavailable', { cause });
      return err('unavailable');
    }
  },
});

/** A large document, the same for everybody. */
const providersMemory = emptyMemory<unknown>();

export const providersModelsOf = ({
  lend,
  log,
  clock,
}: Needs & { readonly clock: Clock }): Remembered<unknown> =>
  rememberedOf<unknown>({
    memory: providersMemory,
    read: () => withTimeout(lend(providersModels), ANSWER_MS_MAX, 'models by provider'),
    clock,
    pause,
    freshMs: FRESH_MS,
    reportFailure: (cause) => log.error('models by provider unavailable', { cause }),
  });

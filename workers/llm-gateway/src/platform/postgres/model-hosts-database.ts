import { type Database, modelHosts } from '@gateway/db';
import type { Log } from '@gateway/worker-utils/json-log';
import { keepNewest } from '@gateway/worker-utils/keep-newest';
import { err, ok } from '@gateway/worker-utils/result';
import type { Clock, Instant } from '@gateway/worker-utils/time';
import { withTimeout } from '@gateway/worker-utils/with-timeout';
import type { ModelHosts } from '../../upstream/byok/matching-keys.ts';

type Needs = {
  readonly lend: <T>(work: (database: Database) => Promise<T>) => Promise<T>;
  readonly log: Log;
  readonly clock: Clock;
};

const FRESH_MS = 300_000;
/** While Postgres does not answer. */
const STALE_MS = 900_000;
const ANSWER_MS_MAX = 2_000;
/** Of whatever names of models the owners of keys have asked for. */
const MODELS_MAX = 1_000;

/** Hardly ever changes, and is the same for everybody: an isolate remembers it. */
const known = new Map<string, { readonly hosts: readonly string[]; readonly at: Instant }>();

export const modelHostsOf = ({ lend, log, clock }: Needs): ModelHosts => ({
  async of(model) {
    const now = clock.now();
    const remembered = known.get(model);
    if (remembered && now - remembered.at < FRESH_MS) return ok(remembered.hosts);
    try {
      const asking = lend((database) => modelHosts(database, model));
      const hosts = await withTimeout(asking, ANSWER_MS_MAX, 'hosts of a model');
      keepNewest(known, [model, { hosts, at: now }], MODELS_MAX);
      return ok(hosts);
    } catch (cause) {
      log.error('hosts of a model unavailable', { cause });
      return remembered && now - remembered.at < STALE_MS
        ? ok(remembered.hosts)
        : err('unavailable');
    }
  },
});

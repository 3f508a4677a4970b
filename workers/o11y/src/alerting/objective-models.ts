import type { Log } from '@gateway/worker-utils/json-log';
import type { Clock } from '@gateway/worker-utils/time';

/** The models that an operator watches: their metrics keep the model's name, whatever else is dropped. */
export type ObjectiveModels = () => Promise<ReadonlySet<string>>;

type Named = { readonly model: string };
type Needs = {
  readonly errorRate: () => Promise<readonly Named[]>;
  readonly ttfb: () => Promise<readonly Named[]>;
  readonly clock: Clock;
  readonly log: Log;
};

export type ObjectiveMemory = { models: ReadonlySet<string>; dueAt: number };
export const emptyObjectiveMemory = (): ObjectiveMemory => ({
  models: new Set(),
  dueAt: -Infinity,
});

const FRESH_MS = 5_000;

/** Never rejects: while the configurations can't be read, the last ones that were read count. */
export const objectiveModelsIn =
  (memory: ObjectiveMemory, { errorRate, ttfb, clock, log }: Needs): ObjectiveModels =>
  async () => {
    const now = clock.now();
    if (now < memory.dueAt) return memory.models;
    try {
      const configs = (await Promise.all([errorRate(), ttfb()])).flat();
      memory.models = new Set(configs.map(({ model }) => model));
      // Only now: a request that comes meanwhile reads them itself, as it may be the one that needs them.
      memory.dueAt = now + FRESH_MS;
    } catch (cause) {
      log.warn('objectives not read', { cause: String(cause) });
    }
    return memory.models;
  };

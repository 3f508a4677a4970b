import { ModelId } from '@gateway/worker-utils/ids';
import type { Log } from '@gateway/worker-utils/json-log';
import { systemClock } from '@gateway/worker-utils/system-clock';
import { pause } from '@gateway/worker-utils/pause';
import { withTimeout } from '@gateway/worker-utils/with-timeout';
import type { Suspensions } from '../../catalog/models/suspensions.ts';
import type { Report } from '../../reporting/reports/report.ts';
import type { FreeModelCharge } from '../../billing/settlement/free-model-charge.ts';
import { emptyMemory, rememberedOf } from '../remembered.ts';
import { CHARGED_MODELS } from '../durable-objects/shared-circuit.ts';
import type { SharedCircuits } from '../durable-objects/clients/shared-circuits.ts';

type Needs = {
  readonly objects: SharedCircuits;
  readonly background: (work: Promise<void>) => void;
  readonly report: (report: Report) => Promise<void>;
  readonly log: Log;
};

/** An isolate hears of a suspension, and of its end, within so long. */
const FRESH_MS = 5_000;
const CALL_MS_MAX = 1_000;

/** Of this isolate. */
const memory = emptyMemory<ReadonlySet<ModelId>>();

/** Free models that were charged for, as all isolates know them. An object that is away suspends nothing. */
export function chargedModelsOf({ objects, background, report, log }: Needs): Suspensions & {
  readonly charged: (charge: FreeModelCharge) => Promise<void>;
} {
  const object = () => objects.getByName(CHARGED_MODELS);
  const suspended = async () => object().suspended();
  const remembered = rememberedOf<ReadonlySet<ModelId>>({
    memory,
    read: async () => {
      const found = await withTimeout(suspended(), CALL_MS_MAX, 'charged models');
      return new Set(found.map(({ model }) => ModelId.parse(model)));
    },
    clock: systemClock,
    freshMs: FRESH_MS,
    pause,
    reportFailure: (cause) => log.warn('charged models unread', { cause }),
  });
  return {
    isSuspended: (id) => remembered.known()?.has(id) ?? false,
    async known() {
      if (remembered.known() === null) await remembered.settled();
      else background(remembered.refresh());
    },
    async charged({ model, exchange, payer, cost }) {
      const isSuspendedBy = await object().charge(model);
      const facts = { model, exchange, cost };
      const rest = { source: 'free_model', isTracked: true, user: payer, facts } as const;
      const message = 'A provider has charged for a free model';
      await report({ ...rest, level: 'error', message });
      if (!isSuspendedBy) return;
      memory.value = new Set([...(memory.value ?? []), model]);
      await report({
        ...rest,
        level: 'fatal',
        message: 'A free model is suspended: its provider charges for it',
      });
    },
  };
}

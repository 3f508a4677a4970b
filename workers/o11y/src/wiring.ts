import type { ApiMetrics } from '@gateway/worker-utils/api-metrics';
import { jsonLog } from '@gateway/worker-utils/json-log';
import type { SessionMetrics } from '@gateway/worker-utils/session-metrics';
import { systemIntake } from '@gateway/worker-utils/system-intake';
import type { Clock } from '@gateway/worker-utils/time';
import type { AppNeeds } from './app.ts';
import type { Bindings } from './bindings.ts';
import {
  emptyObjectiveMemory,
  type ObjectiveModels,
  objectiveModelsIn,
} from './alerting/objective-models.ts';
import { globalAlerts } from './global-alerts.ts';
import { apiMetricsPoint } from './ingest/api-metrics-point.ts';
import { apiMetricsRow } from './ingest/api-metrics-row.ts';
import { labelled } from './ingest/labelled.ts';
import { sessionMetricsPoint } from './ingest/session-metrics-point.ts';
import { sessionMetricsRow } from './ingest/session-metrics-row.ts';
import { writeAll } from './ingest/write-all.ts';
import { type MetricsStore, metricsStoreOf } from './metrics-store.ts';
import { runAlerts } from './run-alerts.ts';
import { secretOf } from './secret-of.ts';
import { flawInStore, UnfitSecret } from '@gateway/worker-utils/secrets-store';

type Ingest = {
  readonly ingestApiMetrics: (metrics: ApiMetrics) => Promise<void>;
  readonly ingestSessionMetrics: (metrics: SessionMetrics) => Promise<void>;
};
type Wiring = Ingest & {
  readonly evaluateAlerts: () => Promise<void>;
  readonly appNeeds: AppNeeds;
};

type Place = {
  readonly clock: Clock;
  /** Keeps the worker alive for what its caller does not wait for. */
  readonly background: (work: Promise<void>) => void;
};

const log = jsonLog({});
const objectiveMemory = emptyObjectiveMemory();
const pause = async (ms: number): Promise<void> => scheduler.wait(ms);

/** From the platform's bindings to what the rest asks for. */
export function wiringOf(env: Bindings, { clock, background }: Place): Wiring {
  const { errorRate, ttfb } = globalAlerts(env);
  const configs = { errorRate: errorRate.list, ttfb: ttfb.list };
  const objectives = objectiveModelsIn(objectiveMemory, { ...configs, clock, log });
  const store = metricsStoreOf(env, { clock, pause, background, log, objectives });
  const ingest = ingestFrom(env, { clock, store, objectives });
  return {
    ...ingest,
    async evaluateAlerts() {
      const { sent, errors } = await runAlerts(env, { counts: store.answers, now: clock.now() });
      if (sent.length > 0) log.info('alerts sent', { alerts: sent.length });
      if (errors.length === 0) return;
      const failure = failureOf(errors);
      // On one machine nothing tells of a run that has failed, but this line.
      log.error('alert evaluation failed', { errors: errors.length, cause: failure.message });
      throw failure;
    },
    appNeeds: {
      async adminToken() {
        const name = 'O11Y_KILO_GATEWAY_CLIENT_SECRET';
        // A token that is too weak is an error, not a refusal: the gateway's `/health?deep` then shows it.
        const flaw = await flawInStore(name, env[name]);
        if (flaw !== null) throw new UnfitSecret(name, flaw);
        return secretOf(env, name);
      },
      ingestApiMetrics: ingest.ingestApiMetrics,
      errorRateConfigs: errorRate,
      ttfbConfigs: ttfb,
      baselines: store.answers,
      totals: async () => (store.kind === 'embedded' ? store.totals() : null),
      clock,
      intake: systemIntake,
      log,
    },
  };
}

type Taken = Pick<
  Bindings,
  'O11Y_API_METRICS' | 'O11Y_SESSION_METRICS' | 'API_METRICS_STREAM' | 'SESSION_METRICS_STREAM'
>;

type IngestNeeds = {
  readonly clock: Clock;
  readonly store: MetricsStore;
  readonly objectives: ObjectiveModels;
};

/** Everything that is told is a point, a row of a stream where there is one, and kept here where nobody else keeps it. */
export const ingestFrom = (env: Taken, { clock, store, objectives }: IngestNeeds): Ingest => ({
  async ingestApiMetrics(told) {
    const metrics = await labelled(told, objectives);
    await writeAll({
      points: () => env.O11Y_API_METRICS.writeDataPoint(apiMetricsPoint(metrics)),
      stream: () => env.API_METRICS_STREAM?.send([apiMetricsRow(metrics, clock.now())]),
      store: async () => {
        if (store.kind === 'embedded') await store.write(metrics);
      },
    });
  },
  ingestSessionMetrics: (metrics) =>
    writeAll({
      points: () => env.O11Y_SESSION_METRICS.writeDataPoint(sessionMetricsPoint(metrics)),
      stream: () => env.SESSION_METRICS_STREAM?.send([sessionMetricsRow(metrics, clock.now())]),
      store: async () => {
        if (store.kind === 'embedded') await store.writeSession(metrics);
      },
    }),
});

/** Thrown, so that the platform marks this run as failed. */
function failureOf(errors: readonly unknown[]): AggregateError {
  const list = errors.map((cause) => (cause instanceof Error ? cause.message : String(cause)));
  return new AggregateError(
    errors,
    `Alert evaluation failed with ${errors.length} error(s): ${list.join('; ')}`,
  );
}

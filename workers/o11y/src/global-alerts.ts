import type { ErrorRateConfigInput, TtfbConfigInput } from './alerting/alert-config.ts';
import type { AlertLog } from './alerting/send-once.ts';
import type { WatchNeeds } from './alerting/watch-evaluation.ts';
import type { Bindings } from './bindings.ts';
import type { ConfigStore } from './http/alert-config-routes.ts';

type GlobalAlerts = {
  readonly errorRate: ConfigStore<ErrorRateConfigInput>;
  readonly ttfb: ConfigStore<TtfbConfigInput>;
  readonly log: AlertLog;
  readonly failing: WatchNeeds['failing'];
};

/** The one object of the alerts, as its users see it. A new stub for each call: one that failed stays broken. */
export function globalAlerts(env: Pick<Bindings, 'ALERT_CONFIG_DO'>): GlobalAlerts {
  const object = () => env.ALERT_CONFIG_DO.getByName('global');
  return {
    errorRate: {
      list: async () => object().list(),
      upsert: async (config) => object().upsert(config),
      remove: async (model) => object().remove(model),
    },
    ttfb: {
      list: async () => object().listTtfb(),
      upsert: async (config) => object().upsertTtfb(config),
      remove: async (model) => object().removeTtfb(model),
    },
    log: {
      claim: async (claim) => object().claimAlert(claim),
      record: async (key) => object().recordAlert(key),
      release: async (key) => object().releaseAlert(key),
    },
    failing: {
      since: async () => object().failingSince(),
      set: async (since) => object().setFailingSince(since),
    },
  };
}
